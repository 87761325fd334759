/**
 * The last exported trace that fell into each bucket of a histogram, so that a slow bucket leads to
 * a call that was slow. OpenTelemetry's SDK for JavaScript keeps none; these are served in the
 * OpenMetrics text. Bounded: label sets beyond limits.exemplarSeriesMax get none.
 */
import type { Attributes } from '@opentelemetry/api'
import { limits } from './limits.ts'
import { sampledSpan } from './trace-context.ts'

export type Exemplar = {
  readonly traceId: string
  readonly spanId: string
  readonly value: number
  /** Seconds since 1970. */
  readonly atSeconds: number
}

export type Sample = {
  readonly metric: string
  readonly labels: Attributes
  readonly value: number
}

export class Exemplars {
  readonly #boundaries: readonly number[]
  readonly #nowMs: () => number
  readonly #series = new Map<string, (Exemplar | undefined)[]>()

  constructor(options: {
    /** Upper bounds of the buckets, inclusive, as the histograms have them. */
    readonly boundaries: readonly number[]
    readonly nowMs: () => number
  }) {
    this.#boundaries = options.boundaries
    this.#nowMs = options.nowMs
  }

  /** Remembers the span in which the code runs, if it is exported, as an example of the sample. */
  note({ metric, labels, value }: Sample): void {
    const span = sampledSpan()
    if (span === null) return
    const key = keyOf(metric, labels)
    const known = this.#series.get(key)
    if (known === undefined && this.#series.size >= limits.exemplarSeriesMax) return
    const buckets = known ?? []
    const above = this.#boundaries.findIndex((bound) => value <= bound)
    const { traceId, spanId } = span
    const atSeconds = this.#nowMs() / 1000
    buckets[above < 0 ? this.#boundaries.length : above] = { traceId, spanId, value, atSeconds }
    if (known === undefined) this.#series.set(key, buckets)
  }

  /** @param bucket counted from 0, the last one is unbounded */
  find(series: Pick<Sample, 'metric' | 'labels'>, bucket: number): Exemplar | undefined {
    return this.#series.get(keyOf(series.metric, series.labels))?.[bucket]
  }
}

function keyOf(metric: string, labels: Attributes): string {
  return JSON.stringify([metric, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
