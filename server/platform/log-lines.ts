/**
 * Where the log goes: a file or pipe that may be full, broken or slow. A server that cannot log
 * goes on selling: lines that cannot be written are lost and counted, and the log says how many as
 * soon as it takes lines again. Lines keep their order. Nothing here throws, blocks or grows
 * without bound, as pino's own destination does when the disk is full: it ends the process with an
 * error that nobody caught, and waits for ever in its exit.
 */
import { write, writeSync } from 'node:fs'
import { limits } from './limits.ts'

const newLine = 10
const againAfterMs = 20

export type Loss = { readonly lines: number; readonly code: string }

type Batch = { readonly bytes: Buffer; from: number }

export class LogLines implements Disposable {
  readonly #fd: number
  #waiting: string[] = []
  #waitingCharacters = 0
  #batch: Batch | null = null
  #isTorn = false
  #isExitHeard = false
  #lost = 0
  /** Since the last line that was written. */
  #loss: Loss | null = null
  #hearLost: (lines: number) => void = () => undefined
  #hearBack: (loss: Loss) => void = () => undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  /** @param line ends with a line feed */
  write(line: string): void {
    if (this.#waitingCharacters + line.length > limits.logWaitingCharactersMax) {
      this.#lose(1, 'SLOW')
      return
    }
    this.#waiting.push(line)
    this.#waitingCharacters += line.length
    if (this.#isExitHeard === false) process.on('exit', this.flushSync)
    this.#isExitHeard = true
    if (this.#batch === null) this.#begin()
  }

  /** Hears how many lines were lost until now, and each time when more are. */
  onLost(hear: (lines: number) => void): void {
    this.#hearLost = hear
    if (this.#lost > 0) hear(this.#lost)
  }

  /** Hears what was lost when lines are written again. */
  onBack(hear: (loss: Loss) => void): void {
    this.#hearBack = hear
  }

  /** One try for what waits, at the end of the process. */
  readonly flushSync = (): void => {
    const rest = this.#take()
    if (rest === null) return
    try {
      while (rest.from < rest.bytes.length) rest.from += writeSync(this.#fd, rest.bytes, rest.from)
    } catch (cause) {
      this.#loseRest(rest, codeOf(cause))
    }
  };

  [Symbol.dispose](): void {
    this.flushSync()
    process.off('exit', this.flushSync)
    this.#isExitHeard = false
  }

  #begin(): void {
    this.#batch = this.#take()
    this.#push()
  }

  #take(): Batch | null {
    if (this.#waiting.length === 0) return null
    // What a fault cut off in its middle must not run into the next line.
    const text = `${this.#isTorn ? '\n' : ''}${this.#waiting.join('')}`
    this.#isTorn = false
    this.#waiting = []
    this.#waitingCharacters = 0
    return { bytes: Buffer.from(text), from: 0 }
  }

  #push(): void {
    const batch = this.#batch
    if (batch === null) return
    const { bytes, from } = batch
    write(this.#fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#push(), againAfterMs)
        return
      }
      batch.from += written ?? 0
      if (error !== null) this.#loseRest(batch, codeOf(error))
      else if (batch.from < bytes.length) {
        this.#push()
        return
      }
      this.#batch = null
      if (error === null) this.#tellBack()
      if (this.#batch === null) this.#begin()
    })
  }

  #tellBack(): void {
    const loss = this.#loss
    this.#loss = null
    if (loss !== null) this.#hearBack(loss)
  }

  #loseRest({ bytes, from }: Batch, code: string): void {
    this.#isTorn = from > 0 && bytes[from - 1] !== newLine
    this.#lose(bytes.subarray(from).filter((byte) => byte === newLine).length, code)
  }

  #lose(lines: number, code: string): void {
    this.#lost += lines
    this.#loss = { lines: (this.#loss?.lines ?? 0) + lines, code }
    this.#hearLost(lines)
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN'
}
