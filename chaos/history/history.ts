/**
 * The history of a run, as a file that only grows: a line for each thing asked and each thing told,
 * in the order in which they happened. Lines are kept back for a second at most and a bounded
 * number of characters, and are then written before anything else happens: a run that outgrows its
 * disk becomes slow, or fails, but never large.
 */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Entry } from './entry.ts'

const flushEveryMs = 1_000
/** Some thousand lines: one write of it takes a millisecond. */
const keptCharactersMax = 256 * 1024

/** What happened, before it has a place in the history. */
export type Happened = Entry extends infer Each
  ? Each extends Entry
    ? Omit<Each, 'seq' | 'at'>
    : never
  : never

export type EntryListener = (entry: Entry) => void

export class History implements Disposable {
  readonly #file: number
  readonly #timer: NodeJS.Timeout
  readonly #listeners = new Set<EntryListener>()
  #kept: string[] = []
  #keptCharacters = 0
  #seq = 0
  #isOpen = true
  #fault: unknown = null

  /** @throws Error when there is a file already: two runs in one history would judge each other */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true })
    this.#file = openSync(path, 'wx')
    this.#timer = setInterval(() => this.#flushLater(), flushEveryMs)
    this.#timer.unref()
  }

  /** Entries so far. */
  get length(): number {
    return this.#seq
  }

  /** @throws Error after the end, or when the file cannot be written */
  append(happened: Happened): Entry {
    if (!this.#isOpen) throw new Error('something happened after the end of the history')
    if (this.#fault !== null) throw this.#fault
    this.#seq += 1
    const at = performance.timeOrigin + performance.now()
    const entry = { seq: this.#seq, at, ...happened } as Entry
    const line = `${JSON.stringify(entry)}\n`
    this.#kept.push(line)
    this.#keptCharacters += line.length
    if (this.#keptCharacters >= keptCharactersMax) this.flush()
    for (const listener of this.#listeners) listener(entry)
    return entry
  }

  /** Hears of each entry from now on, at once. @returns a function that ends it */
  onEntry(listener: EntryListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  flush(): void {
    if (this.#kept.length === 0) return
    const text = this.#kept.join('')
    this.#kept = []
    this.#keptCharacters = 0
    writeFileSync(this.#file, text)
  }

  /** Writes the rest. Nothing can be added afterwards. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearInterval(this.#timer)
    try {
      this.flush()
    } finally {
      closeSync(this.#file)
    }
    if (this.#fault !== null) throw this.#fault
  }

  [Symbol.dispose](): void {
    this.end()
  }

  /** A timer has nobody to throw at: the next entry does. */
  #flushLater(): void {
    try {
      this.flush()
    } catch (cause) {
      this.#fault ??= cause
    }
  }
}
