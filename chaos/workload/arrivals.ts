/**
 * When fans come: one after the other, at gaps that are drawn from the seed and know nothing of
 * each other (a Poisson process), and above all know nothing of how the system is. A system that
 * stalls does not keep the next ones away, and its slowness counts from when they meant to begin.
 */
import { setImmediate as otherWork, setTimeout as wait } from 'node:timers/promises'
import type { Chance } from '../../bench/onsale/seeded-chance.ts'

/** Behind by more than this, this program itself was held up: those who would have come are not. */
const behindMsMax = 2_000

export type ArrivalsOptions = {
  readonly chance: Chance
  readonly ratePerSecond: number
  /** @param dueMs when this fan meant to begin, by `performance.now()` */
  readonly onArrival: (dueMs: number) => void
}

export class Arrivals {
  readonly #options: ArrivalsOptions
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  #factor = 1
  #skippedMs = 0

  /** The first one comes after the first gap. */
  constructor(options: ArrivalsOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Time during which nobody was let come, because this program was held up. */
  get skippedMs(): number {
    return this.#skippedMs
  }

  /** From the next gap on so many times as many come as usual. */
  step(factor: number): void {
    if (!(factor > 0)) throw new RangeError('the factor of a load is more than 0')
    this.#factor = factor
  }

  async end(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { chance, onArrival } = this.#options
    const { signal } = this.#end
    let dueMs = performance.now()
    let lookedMs = dueMs
    while (!signal.aborted) {
      dueMs += gapMs(chance.fraction(), this.#options.ratePerSecond * this.#factor)
      const restMs = dueMs - performance.now()
      if (restMs > 0) await wait(restMs, undefined, { signal }).catch(() => undefined)
      // All that were due at one look come at once; between looks answers are let in.
      else if (dueMs > lookedMs) await otherWork()
      if (dueMs > lookedMs) lookedMs = performance.now()
      if (restMs < -behindMsMax) {
        this.#skippedMs -= restMs
        dueMs -= restMs
      }
      if (!signal.aborted) onArrival(dueMs)
    }
  }
}

/** @param fraction in [0, 1) */
export function gapMs(fraction: number, ratePerSecond: number): number {
  return (-Math.log(1 - fraction) * 1000) / ratePerSecond
}
