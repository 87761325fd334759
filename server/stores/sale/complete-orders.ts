/**
 * The sale itself: orders paid, claims sold, tickets issued, payments authorized, the outbox told,
 * in one statement for a group of orders of one event, or not at all. A second completion, an old
 * epoch, a cancelled event or a unit of somebody else is 22012 with nothing changed.
 *
 * A reservation that has run out still completes while its units are free: money that came late
 * takes the same seats or none. Its buyer may have begun another order since, so that it, and one
 * that is about to run out, is completed by complete-late-order.ts, which counts again.
 */
import { assert, present } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

export type OrderToComplete = {
  readonly id: OrderId
  readonly units: readonly number[]
  /** False for a free order. */
  readonly hasPayment: boolean
  /** The traceparent of what asks for it, kept with the duty that it leaves; '' is none. */
  readonly trace: string
}

export type GroupToComplete = {
  readonly region: string
  readonly epoch: number
  readonly event: EventId
  readonly orders: readonly OrderToComplete[]
}

/** What two completions differ in: what is read of the sale, before the first write, and judged. */
export type CompletingParts = {
  /** A column of event_sales. */
  readonly ofSale: string
  /** CTEs, each with its comma. */
  readonly counted: string
  /** Further conditions, each with its `and`. */
  readonly guard: string
}

/** The text of a completion; its parameters are `completeValues` and what the parts add. */
export function completingText({ ofSale, counted, guard }: CompletingParts): string {
  return `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 sale as materialized (
  select ${ofSale} from event_sales
  where region = $1 and event_id = $3::text and state = 'published'),${counted}
 paid as (
  update orders set state = 'paid', paid_at = now(), version = version + 1
  where region = $1 and id = any($4::text[]) and state = 'pending'
  returning id, paid_at),
 sold as (
  update claims set state = 'sold', version = version + 1, expires_at = null,
    order_id = ($6::text[])[array_position($5::int4[], unit)]
  where region = $1 and event_id = $3::text and unit = any($5::int4[])
    and ((state = 'reserved' and order_id = ($6::text[])[array_position($5::int4[], unit)])
      or state = 'free'
      or (state in ('held', 'reserved') and expires_at < now()))
  returning region, unit, order_id),
 authorized as (
  update payments set state = 'authorized', version = version + 1, updated_at = now()
  where region = $1 and order_id = any($4::text[]) and state = 'pending'
  returning order_id),
 issued as (
  insert into tickets (region, order_id, unit, event_id, state, code_epoch, issued_at)
  select region, order_id, unit, $3::text, 'valid', 0, now() from sold
  returning unit),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.paid:' || p.id, 'order.paid', jsonb_build_object('order', p.id,
    'trace', ($8::text[])[array_position($4::text[], p.id)]), 0, now(), now()
  from home h cross join paid p
  returning id)
select (select min(paid_at) from paid) as paid_at,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from sale) = 1
    and (select count(*) from paid) = array_length($4::text[], 1)
    and (select count(*) from sold) = array_length($5::int4[], 1)
    and (select count(*) from authorized) = $7::int8
    and (select count(*) from issued) = array_length($5::int4[], 1)
    and (select count(*) from told) = array_length($4::text[], 1)${guard}
    then 1 else 0 end) as guard`
}

export const completeOrdersStatement: Statement = {
  name: 'sale.complete-orders',
  text: completingText({ ofSale: 'event_id', counted: '', guard: '' }),
}

/** By the database's clock: when the orders were paid. */
export type CompletedAt = { readonly paidAt: Date }

/**
 * For orders that do not run out before limits.lateBeforeMs.
 * @throws GuardFailedError | UnknownOutcomeError: read why by order id
 */
export async function completeOrders(db: Database, group: GroupToComplete): Promise<CompletedAt> {
  type Row = { paid_at: Date }
  const rows = await db.saleGate.pass(group.event, () =>
    runWrite<Row>(db, completeOrdersStatement, completeValues(group)),
  )
  return { paidAt: present(rows[0], 'the answer of the statement').paid_at }
}

/** The statement's parameters, $1 to $8. */
export function completeValues(group: GroupToComplete): unknown[] {
  const { orders } = group
  assert(orders.length > 0 && orders.length <= limits.ordersPerGroupMax, 'a group is bounded')
  return [
    group.region,
    group.epoch,
    group.event,
    orders.map((order) => order.id),
    orders.flatMap((order) => order.units),
    orders.flatMap((order) => order.units.map(() => order.id)),
    orders.filter((order) => order.hasPayment).length,
    orders.map((order) => order.trace),
  ]
}
