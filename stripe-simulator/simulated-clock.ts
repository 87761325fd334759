/**
 * The simulator's own time: the machine's time plus an offset that only grows, set by the control
 * API. Keys and authorisations expire by it. Webhook signatures use the machine's time instead,
 * because the receiver compares them with its own clock.
 */
export class SimulatedClock {
  #offsetMs = 0

  nowMs(): number {
    return Date.now() + this.#offsetMs
  }

  /** Unix seconds, as Stripe writes them. */
  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1_000)
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  advance(byMs: number): void {
    this.#offsetMs += byMs
  }

  /** Sets the offset that a journal remembered. */
  restore(offsetMs: number): void {
    this.#offsetMs = offsetMs
  }
}
