/**
 * The start of checkout: orders pending, claims reserved, payments owed, and a reminder in the
 * outbox, in one statement and for a whole group of orders of one event, or not at all.
 *
 * Read first, write after, nothing read back: a read that overlaps the statement's own writes
 * costs a WAN round trip. Claims are met as point spans of the units, so that the plan does not
 * depend on statistics. A repeated order is 23505; anything not as expected is 22012.
 */
import type { OrderLine } from '../../domain/order.ts'
import { assert, present } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

export type OrderToStart = {
  readonly id: OrderId
  readonly buyer: string
  readonly lines: readonly OrderLine[]
  /** Minor units. */
  readonly total: number
  readonly digest: string
  /** The PaymentIntent, or null for a free order. */
  readonly intentId: string | null
  /** The traceparent of what asks for it, kept with the reminder that it leaves; '' is none. */
  readonly trace: string
}

export type GroupToStart = {
  readonly region: string
  readonly epoch: number
  readonly event: EventId
  readonly currency: string
  /** At most limits.ordersPerGroupMax, of distinct ids and disjoint units. */
  readonly orders: readonly OrderToStart[]
}

export const startOrdersStatement: Statement = {
  name: 'sale.start-orders',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 sale as materialized (
  select limit_per_buyer from event_sales
  where region = $1 and event_id = $3::text and state = 'published'
    and opens_at <= now() and closes_at > now()),
 bought as materialized (
  select buyer, sum(units) as units from orders
  where region = $1 and event_id = $3::text and buyer = any($5::text[])
    and (state = 'paid' or (state = 'pending' and expires_at > now()))
  group by buyer),
 wanted as materialized (
  select w.buyer, sum(w.units) as units from unnest($5::text[], $6::int4[]) as w(buyer, units)
  group by w.buyer),
 over_limit as materialized (
  select w.buyer from wanted w left join bought b on b.buyer = w.buyer cross join sale s
  where w.units + coalesce(b.units, 0) > s.limit_per_buyer),
 placed as (
  insert into orders (region, id, event_id, buyer, state, units, lines, currency, total, digest,
    created_at, expires_at, version)
  select h.region, w.id, $3::text, w.buyer, 'pending', w.units, w.lines::jsonb, $4::text, w.total,
    w.digest, now(), now() + $12::int8 * interval '1 millisecond', 1
  from home h cross join unnest($7::text[], $5::text[], $6::int4[], $8::text[], $9::int8[],
    $10::text[]) as w(id, buyer, units, lines, total, digest)
  returning created_at, expires_at),
 taken as (
  update claims set state = 'reserved', version = version + 1,
    order_id = ($14::text[])[array_position($13::int4[], unit)],
    expires_at = now() + $12::int8 * interval '1 millisecond'
  where region = $1 and event_id = $3::text and unit = any($13::int4[])
    and (state = 'free'
      or (state in ('held', 'reserved') and expires_at < now())
      or (state = 'held' and order_id = ($14::text[])[array_position($13::int4[], unit)]))
  returning unit),
 owed as (
  insert into payments (region, order_id, intent_id, state, amount, currency, version, updated_at)
  select h.region, w.id, w.intent, 'pending', w.total, $4::text, 1, now()
  from home h cross join unnest($7::text[], $11::text[], $9::int8[]) as w(id, intent, total)
  where w.intent <> ''
  returning order_id),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.started:' || w.id, 'order.started',
    jsonb_build_object('order', w.id, 'trace', w.trace), 0,
    now() + ($12::int8 + $15::int8) * interval '1 millisecond', now()
  from home h cross join unnest($7::text[], $16::text[]) as w(id, trace)
  returning id)
select (select min(created_at) from placed) as created_at,
  (select min(expires_at) from placed) as expires_at,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from sale) = 1
    and (select count(*) from over_limit) = 0
    and (select count(*) from placed) = array_length($7::text[], 1)
    and (select count(*) from taken) = array_length($13::int4[], 1)
    and (select count(*) from owed) <= array_length($7::text[], 1)
    and (select count(*) from told) = array_length($7::text[], 1)
    then 1 else 0 end) as guard`,
}

/** By the database's clock: when the orders began, and when their reservations end. */
export type StartedAt = { readonly createdAt: Date; readonly expiresAt: Date }

/** @throws GuardFailedError | DuplicateKeyError | UnknownOutcomeError: read why by order id */
export async function startOrders(db: Database, group: GroupToStart): Promise<StartedAt> {
  type Row = { created_at: Date; expires_at: Date }
  const rows = await db.saleGate.pass(group.event, () =>
    runWrite<Row>(db, startOrdersStatement, startValues(group)),
  )
  const row = present(rows[0], 'the answer of the statement')
  return { createdAt: row.created_at, expiresAt: row.expires_at }
}

/** The statement's parameters, $1 to $16. */
export function startValues(group: GroupToStart): unknown[] {
  const { orders } = group
  assert(orders.length > 0 && orders.length <= limits.ordersPerGroupMax, 'a group is bounded')
  const units = orders.flatMap((order) => order.lines.map((line) => line.unit))
  assert(new Set(units).size === units.length, 'the units of a group are disjoint')
  return [
    group.region,
    group.epoch,
    group.event,
    group.currency,
    orders.map((order) => order.buyer),
    orders.map((order) => order.lines.length),
    orders.map((order) => order.id),
    orders.map((order) => JSON.stringify(order.lines)),
    orders.map((order) => order.total),
    orders.map((order) => order.digest),
    orders.map((order) => order.intentId ?? ''),
    limits.reservationMs,
    units,
    orders.flatMap((order) => order.lines.map(() => order.id)),
    limits.settleSlackMs,
    orders.map((order) => order.trace),
  ]
}
