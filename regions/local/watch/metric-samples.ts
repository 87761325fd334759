/** Prometheus's text, as samples by name. https://prometheus.io/docs/instrumenting/exposition_formats/ */

export type Sample = {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}
export type Samples = ReadonlyMap<string, readonly Sample[]>

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g

export function readSamples(text: string): Samples {
  const samples = new Map<string, Sample[]>()
  for (const each of text.split('\n')) {
    const [, name, labels = '', value] = line.exec(each) ?? []
    if (name === undefined || value === undefined) continue
    const read = [...labels.matchAll(label)].map(([, key = '', text = '']) => [key, text] as const)
    const sample = { labels: new Map(read), value: numberOf(value) }
    const known = samples.get(name)
    if (known === undefined) samples.set(name, [sample])
    else known.push(sample)
  }
  return samples
}

function numberOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
}

export type Where = Readonly<Record<string, string>>

/** The sum of all series of this name with these labels; 0 when there is none. */
export function total(samples: Samples, name: string, where: Where = {}): number {
  const fits = (samples.get(name) ?? []).filter((sample) => has(sample, where))
  return fits.reduce((sum, { value }) => sum + value, 0)
}

/** The sums by the values of one label. */
export function totals(samples: Samples, name: string, by: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, value } of samples.get(name) ?? []) {
    const key = labels.get(by) ?? ''
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return sums
}

export function has({ labels }: Sample, where: Where): boolean {
  return Object.entries(where).every(([key, value]) => labels.get(key) === value)
}
