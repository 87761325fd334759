/**
 * One direction of one connection: bytes wait in order until they arrive, with one timer for the
 * first of them. A reader that is slower than the sender, or a line that stands still, stops the
 * sender as soon as the window is full. Nothing is ever dropped or reordered.
 */
import type { Socket } from 'node:net'
import type { Line } from './line.ts'

type Item = { dueMs: number } & (
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `act` opens, ends or resets the far side. */
  | { readonly kind: 'act'; readonly act: () => void }
)

export type LanePlan = {
  readonly line: Line
  readonly onDelivered: (bytes: number) => void
}

export class Lane {
  readonly #plan: LanePlan
  readonly #forget: () => void
  #source: Socket | null = null
  #sink: Socket | null = null
  #notBeforeMs = 0
  readonly #queue: Item[] = []
  #queuedBytes = 0
  #timer: NodeJS.Timeout | null = null
  #isBlocked = false
  #isClosed = false

  constructor(plan: LanePlan) {
    this.#plan = plan
    this.#forget = plan.line.onChange(() => this.#adapt())
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Who is stopped when too much is under way; its bytes are given to `send`. */
  from(source: Socket): void {
    this.#source = source
  }

  /** What is sent from now on leaves at this moment at the earliest, by `performance.now()`. */
  leavesNotBefore(ms: number): void {
    this.#notBeforeMs = ms
  }

  /** Where bytes arrive. */
  into(sink: Socket): void {
    this.#sink = sink
    sink.on('drain', () => {
      this.#isBlocked = false
      this.#deliver()
    })
  }

  send(chunk: Buffer): void {
    const { line } = this.#plan
    if (!this.#isClosed) line.meet(1)
    const most = Math.min(line.pieceBytesMax, chunk.length)
    for (let at = 0; at < chunk.length; at += most) {
      const bytes = chunk.subarray(at, at + most)
      this.#put({ kind: 'bytes', bytes, dueMs: this.#dueMs(bytes.length) })
    }
    this.#deliver()
  }

  /** Happens at the other end, after all that was sent before. */
  act(act: () => void): void {
    if (!this.#isClosed) this.#plan.line.meet(1)
    this.#put({ kind: 'act', act, dueMs: this.#dueMs(0) })
    this.#deliver()
  }

  /** What is under way is lost. */
  close(): void {
    this.#isClosed = true
    this.#forget()
    this.#queue.length = 0
    this.#queuedBytes = 0
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #dueMs(bytes: number): number {
    const leavesMs = Math.max(performance.now(), this.#notBeforeMs)
    return this.#plan.line.arrivalMs(leavesMs, bytes)
  }

  #put(item: Item): void {
    if (this.#isClosed) return
    if (item.kind === 'bytes') this.#queuedBytes += item.bytes.length
    this.#queue.push(item)
  }

  #deliver(): void {
    if (this.#isClosed) return
    const nowMs = performance.now()
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#isBlocked || this.#plan.line.isStalled || first.dueMs > nowMs) break
      this.#queue.shift()
      this.#arrive(first)
    }
    this.#regulate()
    this.#arm(nowMs)
  }

  #arrive(item: Item): void {
    if (item.kind === 'act') {
      item.act()
      return
    }
    this.#queuedBytes -= item.bytes.length
    if (this.#sink === null || this.#sink.destroyed) return
    this.#plan.onDelivered(item.bytes.length)
    this.#isBlocked = !this.#sink.write(item.bytes)
  }

  #regulate(): void {
    const source = this.#source
    if (source === null || source.destroyed) return
    const { windowBytes } = this.#plan.line
    if (this.#queuedBytes > windowBytes) source.pause()
    else if (source.isPaused() && this.#queuedBytes <= windowBytes / 2) source.resume()
  }

  #arm(nowMs: number): void {
    const [first] = this.#queue
    const mustWait = this.#isBlocked || this.#plan.line.isStalled || this.#isClosed
    if (first === undefined || mustWait || this.#timer !== null) return
    const restMs = Math.max(1, Math.ceil(first.dueMs - nowMs))
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#deliver()
    }, restMs)
  }

  /** What waits at another pace than the line has now comes when it would have come now. */
  #adapt(): void {
    if (this.#plan.line.isStalled) this.#plan.line.meet(this.#queue.length)
    const latestMs = performance.now() + this.#plan.line.delayMs
    for (const item of this.#queue) item.dueMs = Math.min(item.dueMs, latestMs)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#deliver()
  }
}
