/**
 * Metrics as text: Prometheus's own format, or OpenMetrics, which also carries exemplars. Names are
 * made from OpenTelemetry's by its rules: dots become underscores, the unit is appended.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
import type { Attributes } from '@opentelemetry/api'
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import type { Exemplar, Exemplars } from './exemplars.ts'

export type TextFormat = 'prometheus' | 'openmetrics'

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

type Writing = { readonly format: TextFormat; readonly exemplars: Exemplars }

export function metricText(collected: ResourceMetrics, writing: Writing): string {
  const families = collected.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap((metric) => family(metric, writing))
  const lines = [...target(collected.resource.attributes, writing), ...families]
  if (writing.format === 'openmetrics') lines.push('# EOF')
  return `${lines.join('\n')}\n`
}

/** Whose metrics these are; Prometheus joins them by it. */
function target(attributes: Attributes, { format }: Writing): string[] {
  const [name, type] = format === 'openmetrics' ? ['target', 'info'] : ['target_info', 'gauge']
  const sample = `target_info${labelText(attributes)} 1`
  return [`# TYPE ${name} ${type}`, `# HELP ${name} The server`, sample]
}

function family(metric: MetricData, writing: Writing): string[] {
  const { descriptor } = metric
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic
  const type = isCounter ? 'counter' : isHistogram(metric) ? 'histogram' : 'gauge'
  const { name, unit } = nameOf(descriptor.name, descriptor.unit, type)
  // OpenMetrics names the family without _total, Prometheus's older format with it.
  const familyName = isCounter && writing.format === 'prometheus' ? `${name}_total` : name
  const head = [`# TYPE ${familyName} ${type}`]
  if (unit !== '' && writing.format === 'openmetrics') head.push(`# UNIT ${familyName} ${unit}`)
  head.push(`# HELP ${familyName} ${helpText(descriptor.description)}`)
  if (isHistogram(metric)) {
    return [
      ...head,
      ...metric.dataPoints.flatMap((point) => histogram({ name, metric, point }, writing)),
    ]
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return []
  const sampleName = isCounter ? `${name}_total` : name
  const samples = metric.dataPoints.map(
    (point) => `${sampleName}${labelText(point.attributes)} ${numberText(point.value)}`,
  )
  return samples.length === 0 ? [] : [...head, ...samples]
}

type HistogramMetric = Extract<MetricData, { dataPointType: DataPointType.HISTOGRAM }>

function isHistogram(metric: MetricData): metric is HistogramMetric {
  return metric.dataPointType === DataPointType.HISTOGRAM
}

type Series = {
  readonly name: string
  readonly metric: HistogramMetric
  readonly point: DataPoint<Histogram>
}

function histogram({ name, metric, point }: Series, { format, exemplars }: Writing): string[] {
  const { attributes, value } = point
  const series = { metric: metric.descriptor.name, labels: attributes }
  let seen = 0
  const buckets = value.buckets.counts.map((count, index) => {
    seen += count
    const le = boundText(value.buckets.boundaries[index] ?? Number.POSITIVE_INFINITY, format)
    const example = format === 'openmetrics' ? exemplars.find(series, index) : undefined
    return `${name}_bucket${labelText(attributes, { le })} ${seen}${exemplarText(example)}`
  })
  const labels = labelText(attributes)
  const sum = `${name}_sum${labels} ${numberText(value.sum ?? 0)}`
  return [...buckets, sum, `${name}_count${labels} ${value.count}`]
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return ''
  const { traceId, spanId, value, atSeconds } = exemplar
  const labels = labelText({ trace_id: traceId, span_id: spanId })
  return ` # ${labels} ${numberText(value)} ${atSeconds.toFixed(3)}`
}

/** Units as Prometheus spells them. What stands in braces only names what is counted. */
const units: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes' }

function nameOf(name: string, unit: string, type: string): { name: string; unit: string } {
  const plain = identifier(name).replace(/_total$/, '')
  const spelled = unit === '1' && type === 'gauge' ? 'ratio' : (units[unit] ?? '')
  if (spelled === '') return { name: plain, unit: '' }
  return { name: plain.endsWith(`_${spelled}`) ? plain : `${plain}_${spelled}`, unit: spelled }
}

function identifier(text: string): string {
  return text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/_{2,}/g, '_')
}

function labelText(attributes: Attributes, more: Attributes = {}): string {
  const pairs = Object.entries({ ...attributes, ...more }).map(
    ([name, value]) => `${identifier(name)}="${quoted(String(value))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function quoted(text: string): string {
  return helpText(text).replaceAll('"', '\\"')
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

/** OpenMetrics wants bounds that are written as floating-point numbers. */
function boundText(bound: number, format: TextFormat): string {
  const isWhole = format === 'openmetrics' && Number.isInteger(bound)
  return isWhole ? bound.toFixed(1) : numberText(bound)
}
