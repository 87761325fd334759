/**
 * Says of an identifier whether it comes for the first time within a window. Two generations, each
 * a window long and bounded: when one is full nothing more is taken until it ages, so that nobody
 * can push out what was seen by sending more.
 */

export class SeenOnce {
  readonly #windowMs: number
  readonly #max: number
  #current = new Set<string>()
  #previous = new Set<string>()
  #sinceMs = Number.NEGATIVE_INFINITY

  /** @param options.max identifiers in one window */
  constructor(options: { readonly windowMs: number; readonly max: number }) {
    this.#windowMs = options.windowMs
    this.#max = options.max
  }

  /** True the first time; false for what was seen before, and when the window is full. */
  first(id: string, nowMs: number): boolean {
    this.#age(nowMs)
    if (this.#current.has(id) || this.#previous.has(id)) return false
    if (this.#current.size >= this.#max) return false
    this.#current.add(id)
    return true
  }

  #age(nowMs: number): void {
    const ageMs = nowMs - this.#sinceMs
    if (ageMs < this.#windowMs) return
    this.#previous = ageMs < 2 * this.#windowMs ? this.#current : new Set()
    this.#current = new Set()
    this.#sinceMs = nowMs
  }
}
