/**
 * Reads what /metrics serves, strictly: every sample belongs to a family that was announced before
 * it, numbers are numbers, and in OpenMetrics exemplars and the end are where they must be.
 */
export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly exemplar: {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  } | null
}

export type Family = { readonly name: string; readonly type: string; readonly samples: Sample[] }

const labelText = '[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const numberText = '[-+]?(?:\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?|Inf)|NaN'
const samplePattern = new RegExp(
  `^(?<name>[a-zA-Z_:]\\w*)(?<labels>\\{(?:${labelText},?)*\\})? (?<value>${numberText})` +
    `(?: # (?<example>\\{[^}]*\\}) (?<exampleValue>${numberText}) \\d+\\.\\d{3})?$`,
)
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total'],
  histogram: ['_bucket', '_sum', '_count'],
  gauge: [''],
  info: ['_info'],
}

export function familiesIn(text: string, format: 'prometheus' | 'openmetrics'): Family[] {
  const families: Family[] = []
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line is not ended')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no end')
  for (const line of lines) {
    const [, kind, name = '', rest = ''] = /^# (TYPE|HELP|UNIT) (\S+) (.*)$/.exec(line) ?? []
    const last = families.at(-1)
    if (kind === 'TYPE') {
      if (families.some((family) => family.name === name)) throw new Error(`twice: ${name}`)
      families.push({ name, type: rest, samples: [] })
    } else if (kind !== undefined) {
      if (last?.name !== name) throw new Error(`out of place: ${line}`)
      if (kind === 'UNIT' && !name.endsWith(`_${rest}`)) throw new Error(`unit: ${line}`)
    } else {
      const sample = sampleIn(line)
      const names = suffixes[last?.type ?? '']?.map((suffix) => `${last?.name}${suffix}`) ?? []
      const fits = names.includes(sample.name) || sample.name === 'target_info'
      if (!fits) throw new Error(`no family: ${line}`)
      if (sample.exemplar !== null && format !== 'openmetrics') throw new Error(`exemplar: ${line}`)
      last?.samples.push(sample)
    }
  }
  return families
}

function sampleIn(line: string): Sample {
  const { name, labels, value, example, exampleValue } = samplePattern.exec(line)?.groups ?? {}
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`)
  return {
    name,
    labels: labelsIn(labels ?? ''),
    value: numberIn(value),
    exemplar:
      example === undefined
        ? null
        : { labels: labelsIn(example), value: numberIn(exampleValue ?? '') },
  }
}

function labelsIn(text: string): Record<string, string> {
  const found = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/g)]
  return Object.fromEntries(found.map((match) => [match[1] ?? '', match[2] ?? '']))
}

function numberIn(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}
