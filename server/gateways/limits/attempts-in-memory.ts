/** Attempts as one server knows them: alone where there is no Redis, and while Redis is away. */
import { LRUCache } from 'lru-cache'
import { attemptDelayMs } from '../../domain/attempts.ts'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'
import type { AttemptBook, AttemptKeys } from './attempt-book.ts'

type Here = { readonly count: number; readonly lastMs: number | null; readonly isKnown: boolean }
const nothing: Here = { count: 0, lastMs: null, isKnown: false }

export class AttemptsInMemory implements AttemptBook {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #here: LRUCache<string, Here>
  readonly #everywhere: LRUCache<string, number>

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
    const perf = { now: clock.monotonicMs }
    const common = { max: limits.attemptsInMemoryMax, ttlResolution: 0, perf }
    this.#here = new LRUCache({ ...common, ttl: limits.attemptsMemoryMs })
    this.#everywhere = new LRUCache({ ...common, ttl: limits.attemptsMemoryMs })
  }

  async check({ here, everywhere }: AttemptKeys): Promise<number> {
    const nowMs = this.#clock.monotonicMs()
    const state = this.#here.get(here) ?? nothing
    const count = this.#everywhere.get(everywhere) ?? 0
    const delayMs = attemptDelayMs({ here: state.count, everywhere: count, isKnown: state.isKnown })
    if (delayMs > 0 && state.lastMs === null) {
      this.#keep(here, { ...state, lastMs: nowMs })
      return delayMs
    }
    const waitMs = (state.lastMs ?? nowMs) + delayMs - nowMs
    if (delayMs > 0 && waitMs > 0) return waitMs
    this.#keep(here, { ...state, count: state.count + 1, lastMs: nowMs })
    this.#everywhere.set(everywhere, count + 1)
    return 0
  }

  async failed({ here }: AttemptKeys): Promise<void> {
    const state = this.#here.get(here) ?? nothing
    this.#keep(here, { ...state, lastMs: this.#clock.monotonicMs() })
  }

  async succeeded({ here, everywhere }: AttemptKeys): Promise<void> {
    const left = (this.#everywhere.get(everywhere) ?? 0) - (this.#here.get(here)?.count ?? 0)
    if (left > 0) this.#everywhere.set(everywhere, left)
    else this.#everywhere.delete(everywhere)
    this.#keep(here, { count: 0, lastMs: null, isKnown: true })
  }

  #keep(key: string, state: Here): void {
    const ttl = state.isKnown ? limits.attemptsKnownMs : limits.attemptsMemoryMs
    this.#here.set(key, state, { ttl })
  }
}
