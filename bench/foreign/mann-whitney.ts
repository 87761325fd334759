/** Whether one of two series is slower than the other, whatever their shapes and outliers. */

export type Compared = {
  /** How often one of the first is larger than one of the second; 0.5: as a coin falls. */
  readonly share: number
  /** How likely a share so far from 0.5 is where there is no difference, to either side. */
  readonly p: number
}

/** https://en.wikipedia.org/wiki/Mann%E2%80%93Whitney_U_test, for large samples; ties ignored. */
export function mannWhitney(one: readonly number[], other: readonly number[]): Compared {
  const all = [
    ...one.map((value) => ({ value, own: true })),
    ...other.map((value) => ({ value, own: false })),
  ]
  all.sort((a, b) => a.value - b.value)
  const rankSum = all.reduce((sum, { own }, index) => (own ? sum + index + 1 : sum), 0)
  const [n, m] = [one.length, other.length]
  const u = rankSum - (n * (n + 1)) / 2
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12)
  return { share: u / (n * m), p: beyond(Math.abs(u - (n * m) / 2) / deviation) }
}

/** The share of a normal distribution beyond ± z: Abramowitz and Stegun 26.2.17, to 1.5e-7. */
function beyond(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const factors = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429]
  const sum = factors.reduceRight((total, factor) => (total + factor) * t, 0)
  return Math.max(0, 2 * density * sum)
}
