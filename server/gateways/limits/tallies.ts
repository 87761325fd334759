/**
 * Calls counted in the memory of this server, in windows that begin with the first call. Bounded:
 * whoever was not seen for longest is forgotten first.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'

export type Tally = {
  calls: number
  /** By the monotonic clock. Milliseconds. */
  endsMs: number
  /** The other servers know of its calls. */
  isShared: boolean
}

export class Tallies {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #known = new LRUCache<string, Tally>({ max: limits.rateTalliesMax })

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  add(key: string, calls: number): Tally {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#known.get(key)
    if (known !== undefined && known.endsMs > nowMs) {
      known.calls += calls
      return known
    }
    const begun = { calls, endsMs: nowMs + limits.rateWindowMs, isShared: false }
    this.#known.set(key, begun)
    return begun
  }
}
