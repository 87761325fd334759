/** What a list of durations says: by nearest rank, so that every figure is one that was measured. */

export type Percentiles = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** @returns null when nothing was measured */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  const sorted = [...values].sort((a, b) => a - b)
  const max = sorted.at(-1)
  if (max === undefined) return null
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? max
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max }
}
