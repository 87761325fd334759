/** Counts a history into seconds of each region. A second in which nothing came has its row too. */

import { percentilesOf } from '../../bench/onsale/percentiles.ts'
import type { Second } from './report.ts'

const secondMs = 1_000

type Count = 'sales' | 'holds' | 'refusals' | 'unknowns'
type Bucket = Record<Count, number> & { readonly answeredMs: number[] }

export class SecondTally {
  readonly #startedAt: number
  readonly #regions: ReadonlySet<string>
  /** By second, then by region. */
  readonly #buckets = new Map<number, Map<string, Bucket>>()
  #last = 0

  /** @param regions those that get rows even if nobody stands there */
  constructor(startedAt: number, regions: readonly string[]) {
    this.#startedAt = startedAt
    this.#regions = new Set(regions)
  }

  count(what: Count, at: number, region: string): void {
    this.#bucket(at, region)[what] += 1
  }

  answered(at: number, region: string, tookMs: number): void {
    this.#bucket(at, region).answeredMs.push(tookMs)
  }

  /** From the start on, in the order of time; what was before the start is preparation. */
  seconds(): Second[] {
    const strangers = [...this.#buckets.values()].flatMap((regions) => [...regions.keys()])
    const regions = [...new Set([...this.#regions, ...strangers])]
    return Array.from({ length: this.#last + 1 }).flatMap((_, second) =>
      regions.map((region) => {
        const at = this.#startedAt + second * secondMs
        return { at, region, ...figuresOf(this.#buckets.get(second)?.get(region)) }
      }),
    )
  }

  #bucket(at: number, region: string): Bucket {
    const second = Math.floor((at - this.#startedAt) / secondMs)
    this.#last = Math.max(this.#last, second)
    const regions = this.#buckets.get(second) ?? new Map<string, Bucket>()
    if (regions.size === 0) this.#buckets.set(second, regions)
    const known = regions.get(region)
    if (known !== undefined) return known
    const bucket = { sales: 0, holds: 0, refusals: 0, unknowns: 0, answeredMs: [] }
    regions.set(region, bucket)
    return bucket
  }
}

function figuresOf(bucket: Bucket | undefined): Omit<Second, 'at' | 'region'> {
  if (bucket === undefined) {
    return { sales: 0, holds: 0, refusals: 0, unknowns: 0, p50: null, p99: null }
  }
  const { answeredMs, ...counts } = bucket
  const percentiles = percentilesOf(answeredMs)
  return { ...counts, p50: percentiles?.p50 ?? null, p99: percentiles?.p99 ?? null }
}
