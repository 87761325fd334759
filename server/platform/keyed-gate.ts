/**
 * Lets a few calls at a time work on one thing; the others wait in turn, and the queue is bounded.
 * Where rivals would only hinder one another, this is faster than letting all of them in.
 */
import pLimit, { type LimitFunction } from 'p-limit'

export type KeyedGateOptions = {
  /** Calls of one key that work at once. */
  readonly width: number
  /** Calls of one key that may wait. */
  readonly waitingMax: number
  /** What a call beyond that is refused with. */
  readonly full: () => Error
}

export class KeyedGate {
  readonly #options: KeyedGateOptions
  readonly #gates = new Map<string, LimitFunction>()

  constructor(options: KeyedGateOptions) {
    this.#options = options
  }

  /** @throws what `full` makes when too many wait already */
  async pass<T>(key: string, work: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key) ?? pLimit(this.#options.width)
    this.#gates.set(key, gate)
    if (gate.pendingCount >= this.#options.waitingMax) throw this.#options.full()
    try {
      return await gate(work)
    } finally {
      if (gate.activeCount + gate.pendingCount === 0) this.#gates.delete(key)
    }
  }
}
