/**
 * One direction of a link: what all its connections share. It says when bytes that are given to it
 * now arrive at the other end, and wakes those who wait when that changes.
 */

/** What may be under way on one connection: 110 ms of about 75 megabytes a second. */
const windowBytesMax = 8 * 1024 * 1024
/** Of a slow line, so that the sender feels it soon; and how finely its bytes trickle. */
const slowWindowSeconds = 0.25
const slowPieceSeconds = 0.05
const windowBytesMin = 4096

export class Line {
  readonly #usualDelayMs: number
  readonly #waiting = new Set<() => void>()
  #addedMs = 0
  #bytesPerSecond: number | null = null
  #freeAtMs = 0
  #isStalled = false
  #isFaulty = false
  #struck = 0

  constructor(delayMs: number) {
    this.#usualDelayMs = delayMs
  }

  get delayMs(): number {
    return this.#usualDelayMs + this.#addedMs
  }

  /** Nothing arrives; what is under way waits. */
  get isStalled(): boolean {
    return this.#isStalled
  }

  get windowBytes(): number {
    if (this.#bytesPerSecond === null) return windowBytesMax
    return Math.max(windowBytesMin, this.#bytesPerSecond * slowWindowSeconds)
  }

  /** Longer pieces are cut before they are given to the line. */
  get pieceBytesMax(): number {
    if (this.#bytesPerSecond === null) return Number.POSITIVE_INFINITY
    return Math.max(1, Math.ceil(this.#bytesPerSecond * slowPieceSeconds))
  }

  /** What was given to it, or waited, while it was not as usual. */
  get struck(): number {
    return this.#struck
  }

  /** The counting begins anew. */
  forget(): void {
    this.#struck = 0
  }

  /** Something is given to the line, or is found waiting when it stops. */
  meet(items: number): void {
    if (this.#isFaulty) this.#struck += items
  }

  /** @returns when so many bytes arrive; they take their turn on a slow line. */
  arrivalMs(nowMs: number, bytes: number): number {
    if (this.#bytesPerSecond === null) return nowMs + this.delayMs
    const startsMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startsMs + (bytes / this.#bytesPerSecond) * 1000
    return this.#freeAtMs + this.delayMs
  }

  /** All three at once: what is not named is as usual. */
  become(state: { stalled?: boolean; addedMs?: number; bytesPerSecond?: number }): void {
    this.#isFaulty = Object.values(state).some((value) => value !== false)
    this.#isStalled = state.stalled ?? false
    this.#addedMs = state.addedMs ?? 0
    this.#bytesPerSecond = state.bytesPerSecond ?? null
    this.#freeAtMs = 0
    for (const wake of this.#waiting) wake()
  }

  /** Hears of every change. @returns how to end it */
  onChange(hear: () => void): () => void {
    this.#waiting.add(hear)
    return () => this.#waiting.delete(hear)
  }
}
