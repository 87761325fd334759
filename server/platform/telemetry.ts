/**
 * Metrics by OpenTelemetry's API and names, read by Prometheus on a port of their own. Labels are
 * bounded sets (procedure, route, outcome, code), never ids; whatever else a caller sends becomes
 * one label. The names: https://opentelemetry.io/docs/specs/semconv/general/metrics/
 */
import type { Attributes, Histogram, Meter } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics'
import { systemClock } from './clock.ts'
import { Exemplars } from './exemplars.ts'
import { type Count, openCounters } from './metric-counters.ts'
import {
  type AuthorityFacts,
  type FollowFacts,
  type PoolFacts,
  watchAuthority,
  watchClock,
  watchFollowing,
  watchHoldBook,
  watchPools,
  watchProcess,
  watchRuntime,
} from './metric-gauges.ts'
import { startMetricServer } from './metric-server.ts'
import { metricText, type TextFormat } from './metric-text.ts'

/** Latencies of one call, seconds: a cached read to a slow payment. */
const latencyBucketsSeconds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]

/** One statement, transaction or script, retries included. */
export type DatabaseOperation = {
  readonly system: 'postgresql' | 'cockroachdb' | 'redis'
  /** Its name in our code. */
  readonly name: string
  readonly outcome: string
  readonly seconds: number
}

export type HttpExchange = {
  readonly method: string
  /** Of the server: the route's pattern. Of a client: the path with its ids cut out. */
  readonly route: string
  /** null: there was none, the connection broke. */
  readonly status: number | null
  readonly seconds: number
}

export type ProcedureCall = {
  /** The procedure: `holds.place`. */
  readonly method: string
  /** `ok`, a refusal's code, or `error`. */
  readonly outcome: string
  readonly seconds: number
}

export type Telemetry = AsyncDisposable & {
  /** Port on which /metrics is served. */
  readonly port: number
  readonly attempt: (name: string, outcome: string) => void
  readonly sold: (tickets: number) => void
  readonly held: (units: number) => void
  readonly duty: (kind: string, outcome: string) => void
  readonly call: (facts: ProcedureCall) => void
  readonly request: (facts: HttpExchange) => void
  readonly outbound: (facts: HttpExchange & { readonly server: string }) => void
  readonly operation: (facts: DatabaseOperation) => void
  readonly count: Count
  /** How long the oldest duty that is due has been so, in seconds; 0 when none is. */
  readonly oldestDue: (seconds: number) => void
  readonly watchPools: (facts: () => readonly PoolFacts[]) => void
  readonly watchHoldBook: (isAvailable: () => boolean) => void
  readonly watchAuthority: (facts: () => readonly AuthorityFacts[]) => void
  /** How far our clock is ahead of the database's; null: not known. */
  readonly watchClock: (offsetMs: () => number | null) => void
  readonly watchFollowing: (facts: () => readonly FollowFacts[]) => void
}

export type TelemetryOptions = {
  readonly host: string
  readonly port: number
  /** Whose metrics these are: service.name and the like. */
  readonly resource?: Readonly<Record<string, string>>
}

/**
 * The library keeps of two values of a gauge the one whose wall time is later: after a clock was
 * set back all gauges would stand still until it has caught up. A sum of what was observed is the
 * same value, and knows no time.
 */
const timelessGauges = {
  instrumentType: InstrumentType.OBSERVABLE_GAUGE,
  aggregation: { type: AggregationType.SUM },
} as const

/** Hands out what was counted when it is asked. */
class TextReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
}

/** @throws Error when the port is taken */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const exemplars = new Exemplars({
    boundaries: latencyBucketsSeconds,
    nowMs: systemClock.nowMs,
  })
  const reader = new TextReader()
  const resource = resourceFromAttributes(options.resource ?? { 'service.name': 'frontrow' })
  const provider = new MeterProvider({ resource, readers: [reader], views: [timelessGauges] })
  const meter = provider.getMeter('frontrow')
  const text = async (format: TextFormat) =>
    metricText((await reader.collect()).resourceMetrics, { format, exemplars })
  const server = await startMetricServer({ host: options.host, port: options.port, text })
  const runtime = watchRuntime(provider)
  watchProcess(meter)
  return {
    port: server.port,
    ...durations(meter, exemplars),
    ...tallies(meter),
    count: openCounters(meter),
    watchPools: (facts) => watchPools(meter, facts),
    watchHoldBook: (isAvailable) => watchHoldBook(meter, isAvailable),
    watchAuthority: (facts) => watchAuthority(meter, facts),
    watchClock: (offset) => watchClock(meter, offset),
    watchFollowing: (facts) => watchFollowing(meter, facts),
    [Symbol.asyncDispose]: async () => {
      runtime[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
      await provider.shutdown()
    },
  }
}

type Tallies = Pick<Telemetry, 'attempt' | 'sold' | 'held' | 'duty' | 'oldestDue'>

function tallies(meter: Meter): Tallies {
  const attempts = meter.createCounter('frontrow.db.attempts', {
    description: 'Attempts at a statement or transaction, by how each ended',
  })
  const tickets = meter.createCounter('frontrow.tickets.sold', { description: 'Tickets issued' })
  const holds = meter.createCounter('frontrow.units.held', { description: 'Units put on hold' })
  const duties = meter.createCounter('frontrow.outbox.duties', {
    description: 'Outbox duties, done or to be tried again',
  })
  let oldestDueSeconds: number | null = null
  meter
    .createObservableGauge('frontrow.outbox.oldest_due', {
      description: 'How long the oldest duty that is due has waited, when last looked',
      unit: 's',
    })
    .addCallback((result) => {
      if (oldestDueSeconds !== null) result.observe(oldestDueSeconds)
    })
  return {
    attempt: (name, outcome) => attempts.add(1, { name, outcome }),
    sold: (count) => tickets.add(count),
    held: (count) => holds.add(count),
    duty: (kind, outcome) => duties.add(1, { kind, outcome }),
    oldestDue: (seconds) => {
      oldestDueSeconds = seconds
    },
  }
}

type Durations = Pick<Telemetry, 'call' | 'request' | 'outbound' | 'operation'>

function durations(meter: Meter, exemplars: Exemplars): Durations {
  const histogram = (name: string, description: string) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: latencyBucketsSeconds },
    })
  const calls = 'rpc.server.call.duration'
  const requests = 'http.server.request.duration'
  const ofCalls = histogram(calls, 'Procedure calls by outcome: ok, a refusal code, error')
  const ofRequests = histogram(requests, 'HTTP requests, from the first header to the last byte')
  const outbound = histogram(
    'http.client.request.duration',
    'Requests to the payment provider and to other regions',
  )
  const operations = histogram('db.client.operation.duration', 'Statements, transactions, scripts')
  const exemplary = (to: Histogram, sample: Parameters<Exemplars['note']>[0]) => {
    to.record(sample.value, sample.labels)
    exemplars.note(sample)
  }
  return {
    call: ({ method, outcome, seconds }) => {
      const labels = { 'rpc.system.name': 'trpc', 'rpc.method': method, outcome }
      exemplary(ofCalls, { metric: calls, labels, value: seconds })
    },
    request: (facts) =>
      exemplary(ofRequests, { metric: requests, labels: exchange(facts), value: facts.seconds }),
    outbound: (facts) =>
      outbound.record(facts.seconds, {
        'http.request.method': methodLabel(facts.method),
        'server.address': facts.server,
        'url.template': facts.route,
        ...statusLabel(facts.status),
      }),
    operation: ({ system, name, outcome, seconds }) =>
      operations.record(seconds, {
        'db.system.name': system,
        'db.operation.name': name,
        outcome,
      }),
  }
}

function exchange({ method, route, status }: HttpExchange): Attributes {
  return {
    'http.request.method': methodLabel(method),
    'http.route': route,
    ...statusLabel(status),
  }
}

function statusLabel(status: number | null): Attributes {
  return status === null ? { 'error.type': 'no_answer' } : { 'http.response.status_code': status }
}

const knownMethods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
])

/** Whoever calls may make up methods: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
export function methodLabel(method: string): string {
  return knownMethods.has(method) ? method : '_OTHER'
}
