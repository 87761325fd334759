/** What is worth seeing of a running system: differences between two readings of its metrics. */
import { has, type Samples, total, totals } from './metric-samples.ts'

export type Reading = { readonly atMs: number; readonly samples: Samples }

export type CallFigures = {
  readonly name: string
  readonly perSecond: number
  /** Milliseconds; null when there was no call. At most the upper bound of the last bucket. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

export type Figures = {
  readonly ticketsPerSecond: number
  readonly ticketsInAll: number
  readonly heldPerSecond: number
  readonly faultsPerSecond: number
  readonly calls: readonly CallFigures[]
  /** Most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly perSecond: number }[]
  readonly oldestDueSeconds: number
  readonly stuckOrders: number
  readonly connections: { readonly used: number; readonly max: number; readonly waiting: number }
  readonly eventLoopP99Ms: number
  readonly memoryMegabytes: number
  readonly holdBook: boolean
}

const watched = ['holds.place', 'checkout.start', 'checkout.confirm'] as const
const duration = 'rpc_server_call_duration_seconds'

/** @param from an earlier reading of the same server: rates are of the time in between */
export function figuresOf(from: Reading, to: Reading): Figures {
  const seconds = Math.max((to.atMs - from.atMs) / 1000, 0.001)
  const { samples } = to
  // A server that started anew counts from zero.
  const grown = (now: number, before: number) => Math.max(now < before ? now : now - before, 0)
  const rate = (name: string, where = {}) =>
    grown(total(samples, name, where), total(from.samples, name, where)) / seconds
  const refused = totals(from.samples, 'frontrow_refusals_total', 'code')
  const refusals = [...totals(samples, 'frontrow_refusals_total', 'code')]
    .map(([code, now]) => ({ code, perSecond: grown(now, refused.get(code) ?? 0) / seconds }))
    .filter(({ perSecond }) => perSecond > 0)
    .sort((a, b) => b.perSecond - a.perSecond)
  return {
    ticketsPerSecond: rate('frontrow_tickets_sold_total'),
    ticketsInAll: total(samples, 'frontrow_tickets_sold_total'),
    heldPerSecond: rate('frontrow_units_held_total'),
    faultsPerSecond: rate(`${duration}_count`, { outcome: 'error' }),
    calls: watched.map((name) => ({
      name,
      perSecond: rate(`${duration}_count`, { rpc_method: name }),
      ...percentiles(from, to, name),
    })),
    refusals,
    oldestDueSeconds: total(samples, 'frontrow_outbox_oldest_due_seconds'),
    stuckOrders: total(samples, 'frontrow_orders_stuck_total'),
    connections: {
      used: total(samples, 'db_client_connection_count', { db_client_connection_state: 'used' }),
      max: total(samples, 'db_client_connection_max'),
      waiting: total(samples, 'db_client_connection_pending_requests'),
    },
    eventLoopP99Ms: total(samples, 'nodejs_eventloop_delay_p99_seconds') * 1000,
    memoryMegabytes: total(samples, 'process_memory_usage_bytes') / 1e6,
    holdBook: total(samples, 'frontrow_hold_book_available') > 0,
  }
}

/** By the buckets' upper bounds: the call took no longer than this. */
function percentiles(from: Reading, to: Reading, method: string) {
  const before = buckets(from.samples, method)
  const counts = [...buckets(to.samples, method)]
    .map(([bound, now]) => ({ bound, count: Math.max(now - (before.get(bound) ?? 0), 0) }))
    .sort((a, b) => a.bound - b.bound)
  const all = counts.at(-1)?.count ?? 0
  const at = (share: number) => {
    const bound = counts.find(({ count }) => count >= share * all)?.bound
    return all === 0 || bound === undefined ? null : bound * 1000
  }
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

function buckets(samples: Samples, method: string): ReadonlyMap<number, number> {
  const sums = new Map<number, number>()
  for (const sample of samples.get(`${duration}_bucket`) ?? []) {
    if (!has(sample, { rpc_method: method })) continue
    const text = sample.labels.get('le') ?? ''
    const bound = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
    sums.set(bound, (sums.get(bound) ?? 0) + sample.value)
  }
  return sums
}
