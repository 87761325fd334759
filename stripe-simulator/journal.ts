/**
 * The file that lets a simulator go on after a stop or a kill: one JSON line per request that
 * changed something, appended before the answer goes out. No fsync: it survives the death of the
 * process, not of the machine. A last line that was torn is cut off; damage elsewhere is refused.
 */
import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, renameSync } from 'node:fs'
import { readFileLines } from './file-lines.ts'
import {
  type JournalEntry,
  type JournalLine,
  type JournalState,
  packEntry,
  unpackLine,
} from './journal-line.ts'

/** The journal cannot be used; the message is one sentence for a person. */
export class JournalError extends Error {}

/** Receives what a journal remembers, in its order. */
export interface JournalReader {
  state(state: JournalState): void
  entry(entry: JournalEntry): void
}

export class Journal {
  readonly #path: string
  #file: number

  private constructor(path: string, file: number) {
    this.#path = path
    this.#file = file
  }

  /** Opens or makes the file and reads all of it. */
  static async open(path: string, reader: JournalReader): Promise<Journal> {
    let file: number
    try {
      file = openSync(path, 'a+')
    } catch (cause) {
      throw new JournalError(`The journal ${path} cannot be opened for writing.`, { cause })
    }
    const journal = new Journal(path, file)
    await journal.#load(reader)
    return journal
  }

  get bytes(): number {
    return fstatSync(this.#file).size
  }

  append(entry: JournalEntry): void {
    if (entry.records.length === 0 && entry.kept === undefined) return
    this.#write(packEntry(entry))
  }

  appendState(state: JournalState): void {
    this.#write({ state })
  }

  empty(): void {
    ftruncateSync(this.#file)
  }

  /**
   * Copies the lines that are worth keeping, as they are and in their order, behind one line of
   * state; the copy takes the file's place in one step.
   */
  async compact(state: JournalState, isAlive: (line: JournalLine) => boolean): Promise<void> {
    const path = `${this.#path}.compact`
    const file = openSync(path, 'w')
    appendFileSync(file, `${JSON.stringify({ state })}\n`)
    for await (const { text } of readFileLines(this.#path)) {
      const line = parseLine(text)
      if (line && isAlive(line)) appendFileSync(file, `${text}\n`)
    }
    closeSync(file)
    renameSync(path, this.#path)
    closeSync(this.#file)
    this.#file = openSync(this.#path, 'a+')
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: JournalLine): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
  }

  async #load(reader: JournalReader): Promise<void> {
    let goodBytes = 0
    let lineNumber = 0
    for await (const { text, bytes, isComplete } of readFileLines(this.#path)) {
      lineNumber += 1
      const line = isComplete ? parseLine(text) : undefined
      if (line === undefined) {
        if (!isComplete) break
        throw new JournalError(`Line ${lineNumber} of the journal ${this.#path} is damaged.`)
      }
      if (line.state !== undefined) reader.state(line.state)
      else reader.entry(unpackLine(line))
      goodBytes += bytes
    }
    if (goodBytes < this.bytes) ftruncateSync(this.#file, goodBytes)
  }
}

function parseLine(text: string): JournalLine | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null ? line : undefined
  } catch {
    return undefined
  }
}
