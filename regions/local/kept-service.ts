/**
 * Keeps one part of a local system running. A part that ends by itself is told in one sentence and
 * started again on its old address, after a wait that doubles; when it keeps ending, whoever waits
 * for `gaveUp` is told and decides. Stopping wins over everything, also over a restart under way.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClaimedProcess } from './claimed-process.ts'

const firstWaitMs = 250
const longestWaitMs = 8_000
/** Ends in a row before it is given up. */
const endsMax = 5
/** A part that ran this long was well: the counting begins anew. */
const wellAfterMs = 60_000
const lastWordsBytes = 4_096
const lastWordsLines = 3

export type ServicePart = ClaimedProcess & { readonly logFile: string }

export type KeptServiceOptions<Part extends ServicePart> = {
  /** As a person reads it. */
  readonly name: string
  /** Starts it again, on the same address; a stop aborts the signal. */
  readonly restart: (signal: AbortSignal) => Promise<Part>
  readonly log: (line: string) => void
}

export class KeptService<Part extends ServicePart> {
  readonly #options: KeptServiceOptions<Part>
  readonly #stopping = new AbortController()
  readonly #kept: Promise<void>
  #giveUp: (sentence: string) => void = () => undefined
  #running: Part | null
  #isDrilled = false

  /** Settles with one sentence when the part is given up, and never otherwise. */
  readonly gaveUp: Promise<string>

  constructor(first: Part, options: KeptServiceOptions<Part>) {
    this.#options = options
    this.#running = first
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = resolve
    })
    this.#kept = this.#keep(first)
  }

  /** Null while it is down. */
  get pid(): number | null {
    return this.#running?.pid ?? null
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running?.stop()
    await this.#kept
  }

  /** SIGKILL by a drill: it is started again, as often as this is done. */
  async crash(): Promise<void> {
    this.#isDrilled = true
    await this.#running?.kill()
  }

  /** Cuts an orderly stop short. */
  async kill(): Promise<void> {
    this.#stopping.abort()
    await this.#running?.kill()
    await this.#kept
  }

  async #keep(first: Part): Promise<void> {
    let part: Part | null = first
    let ends = 0
    while (part !== null) {
      const startedAt = performance.now()
      await part.exited
      this.#running = null
      if (this.#stopping.signal.aborted) return
      const countsAnew = this.#isDrilled || performance.now() - startedAt > wellAfterMs
      this.#isDrilled = false
      ends = countsAnew ? 1 : ends + 1
      this.#options.log(`${this.#options.name} ended by itself${lastWordsIn(part.logFile)}`)
      part = await this.#restart(ends)
    }
  }

  async #restart(endsSoFar: number): Promise<Part | null> {
    const { name, restart, log } = this.#options
    for (let ends = endsSoFar; ends < endsMax; ends += 1) {
      const waitMs = Math.min(firstWaitMs * 2 ** (ends - 1), longestWaitMs)
      const { signal } = this.#stopping
      await pause(waitMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
      try {
        return await this.#adopt(await restart(signal))
      } catch (error) {
        if (signal.aborted) return null
        log(`${name} could not be started again: ${messageOf(error)}`)
      }
    }
    this.#giveUp(`${name} ended ${endsMax} times in a row.`)
    return null
  }

  /** A stop that came during the restart takes the new part along. */
  async #adopt(part: Part): Promise<Part | null> {
    if (this.#stopping.signal.aborted) {
      await part.stop()
      return null
    }
    this.#running = part
    this.#options.log(`${this.#options.name} runs again (process ${part.pid})`)
    return part
  }
}

function lastWordsIn(logFile: string): string {
  const lines = tailOf(logFile).trim().split('\n').slice(-lastWordsLines)
  const words = lines.filter((line) => line !== '').map((line) => `\n    ${line.slice(0, 300)}`)
  return words.length === 0 ? '.' : `; the end of ${logFile}:${words.join('')}`
}

function tailOf(file: string): string {
  try {
    const { size } = statSync(file)
    const buffer = Buffer.alloc(Math.min(size, lastWordsBytes))
    const handle = openSync(file, 'r')
    try {
      readSync(handle, buffer, 0, buffer.length, size - buffer.length)
    } finally {
      closeSync(handle)
    }
    return buffer.toString('utf8')
  } catch {
    return ''
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
