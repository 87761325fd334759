/**
 * Metrics by OpenTelemetry's API, read by Prometheus on a port of their own. Names carry base
 * units; labels are bounded sets (procedure, outcome, code), never ids.
 * https://opentelemetry.io/docs/specs/semconv/general/metrics/
 */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

/** Latencies of one call, seconds: a cached read to a slow payment. */
const latencyBucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]

export type Telemetry = AsyncDisposable & {
  /** Port on which /metrics is served. */
  readonly port: number
  readonly attempt: (name: string, outcome: string) => void
  readonly sold: (tickets: number) => void
  readonly held: (units: number) => void
  readonly duty: (kind: string, outcome: string) => void
  readonly call: (facts: { path: string; type: string; outcome: string; seconds: number }) => void
}

/** @throws Error when the port is taken */
export async function startTelemetry(options: {
  readonly host: string
  readonly port: number
}): Promise<Telemetry> {
  const exporter = new PrometheusExporter({
    host: options.host,
    port: options.port,
    preventServerStart: true,
  })
  const provider = new MeterProvider({ readers: [exporter] })
  const meter = provider.getMeter('frontrow')
  const attempts = meter.createCounter('frontrow.db.attempts', {
    description: 'Attempts at a statement or transaction, by how each ended',
  })
  const tickets = meter.createCounter('frontrow.tickets.sold', { description: 'Tickets issued' })
  const holds = meter.createCounter('frontrow.units.held', { description: 'Units put on hold' })
  const duties = meter.createCounter('frontrow.outbox.duties', {
    description: 'Outbox duties, done or to be tried again',
  })
  const calls = meter.createHistogram('frontrow.rpc.duration_seconds', {
    description: 'Procedure calls by outcome: ok, a refusal code, error',
    unit: 's',
    advice: { explicitBucketBoundaries: latencyBucketsSeconds },
  })
  await exporter.startServer()
  return {
    port: options.port,
    attempt: (name, outcome) => attempts.add(1, { name, outcome }),
    sold: (count) => tickets.add(count),
    held: (count) => holds.add(count),
    duty: (kind, outcome) => duties.add(1, { kind, outcome }),
    call: ({ path, type, outcome, seconds }) => calls.record(seconds, { path, type, outcome }),
    [Symbol.asyncDispose]: async () => {
      await provider.shutdown()
    },
  }
}
