/** Both texts of /metrics, as strict readers of each would take them. */

import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { describe, expect, it } from 'vitest'
import { Exemplars } from './exemplars.ts'
import { metricText } from './metric-text.ts'
import { contexts, spanContextOf } from './trace-context.ts'

const boundaries = [0.5, 1]
const labels = { 'rpc.method': 'holds.place' }
const metric = 'rpc.server.call.duration'

function metricsOf(...metrics: object[]): ResourceMetrics {
  const resource = { attributes: { 'service.name': 'box "office"\n' } }
  return {
    resource,
    scopeMetrics: [{ scope: { name: 'x' }, metrics }],
  } as unknown as ResourceMetrics
}

const descriptor = (name: string, unit: string) => ({ name, unit, description: `About ${name}` })

const histogram = {
  descriptor: descriptor(metric, 's'),
  dataPointType: DataPointType.HISTOGRAM,
  dataPoints: [
    {
      attributes: labels,
      value: { buckets: { boundaries, counts: [2, 0, 1] }, sum: 3.25, count: 3 },
    },
  ],
}
const counter = {
  descriptor: descriptor('frontrow.tickets.sold', '{ticket}'),
  dataPointType: DataPointType.SUM,
  isMonotonic: true,
  dataPoints: [{ attributes: {}, value: 7 }],
}
const gauges = [
  ['process.memory.usage', 'By', 1024],
  ['nodejs.eventloop.utilization', '1', 0.25],
  ['db.client.connection.max', '{connection}', 10],
].map(([name, unit, value]) => ({
  descriptor: descriptor(String(name), String(unit)),
  dataPointType: DataPointType.GAUGE,
  dataPoints: [{ attributes: {}, value }],
}))

function exemplars() {
  return new Exemplars({ boundaries, nowMs: () => 1_700_000_000_123 })
}

const sampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

function inSpan(traceparent: string, fn: () => void): void {
  const span = spanContextOf(traceparent)
  if (span === null) throw new Error('a traceparent')
  contexts.with(trace.setSpanContext(ROOT_CONTEXT, span), fn)
}

describe('the text that Prometheus reads', () => {
  it('has names with units, cumulative buckets and escaped labels', () => {
    const text = metricText(metricsOf(histogram, counter), {
      format: 'prometheus',
      exemplars: exemplars(),
    })
    expect(text).toBe(
      [
        '# TYPE target_info gauge',
        '# HELP target_info The server',
        'target_info{service_name="box \\"office\\"\\n"} 1',
        '# TYPE rpc_server_call_duration_seconds histogram',
        '# HELP rpc_server_call_duration_seconds About rpc.server.call.duration',
        'rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="0.5"} 2',
        'rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="1"} 2',
        'rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="+Inf"} 3',
        'rpc_server_call_duration_seconds_sum{rpc_method="holds.place"} 3.25',
        'rpc_server_call_duration_seconds_count{rpc_method="holds.place"} 3',
        '# TYPE frontrow_tickets_sold_total counter',
        '# HELP frontrow_tickets_sold_total About frontrow.tickets.sold',
        'frontrow_tickets_sold_total 7',
        '',
      ].join('\n'),
    )
  })

  it('spells units as Prometheus does', () => {
    const writing = { format: 'prometheus', exemplars: exemplars() } as const
    const text = metricText(metricsOf(...gauges), writing)
    expect(text).toContain('\nprocess_memory_usage_bytes 1024\n')
    expect(text).toContain('\nnodejs_eventloop_utilization_ratio 0.25\n')
    expect(text).toContain('\ndb_client_connection_max 10\n')
  })
})

describe('OpenMetrics', () => {
  it('names a family without its suffix, gives its unit, and ends', () => {
    const writing = { format: 'openmetrics', exemplars: exemplars() } as const
    const text = metricText(metricsOf(histogram, counter), writing)
    expect(text).toContain('# UNIT rpc_server_call_duration_seconds seconds\n')
    expect(text).toContain('le="1.0"} 2\n')
    expect(text).toContain('# TYPE frontrow_tickets_sold counter\n')
    expect(text).toContain('\nfrontrow_tickets_sold_total 7\n')
    expect(text).toMatch(/# TYPE target info\n/)
    expect(text.endsWith('\n# EOF\n')).toBe(true)
  })

  it('shows the last trace of each bucket that was exported, of just these labels', () => {
    const store = exemplars()
    inSpan(sampled.replace('c80319c', 'c80319d'), () => store.note({ metric, labels, value: 0.1 }))
    inSpan(sampled, () => store.note({ metric, labels, value: 0.5 }))
    inSpan(sampled, () => store.note({ metric, labels, value: 2 }))
    inSpan(sampled, () => store.note({ metric, labels: { 'rpc.method': 'x' }, value: 0.7 }))
    inSpan(sampled.replace(/01$/, '00'), () => store.note({ metric, labels, value: 0.2 }))
    store.note({ metric, labels, value: 0.3 })
    const example = '# {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"}'
    const text = metricText(metricsOf(histogram), { format: 'openmetrics', exemplars: store })
    expect(text.split('\n').filter((line) => line.includes('_bucket'))).toEqual([
      `rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="0.5"} 2 ${example} 0.5 1700000000.123`,
      'rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="1.0"} 2',
      `rpc_server_call_duration_seconds_bucket{rpc_method="holds.place",le="+Inf"} 3 ${example} 2 1700000000.123`,
    ])
    const plain = metricText(metricsOf(histogram), { format: 'prometheus', exemplars: store })
    expect(plain).not.toContain('trace_id')
  })
})
