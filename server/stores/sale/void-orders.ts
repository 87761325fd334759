/**
 * The end of orders that were not paid: orders void, their claims free, their payments voided, the
 * outbox told. One statement. From then on no completion can pass, so that the money, captured only
 * for paid orders, can be let go safely: the outbox row is the duty to do so.
 */
import { assert } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

export type GroupToVoid = {
  readonly region: string
  readonly epoch: number
  readonly event: EventId
  readonly reason: VoidReason
  readonly orders: readonly OrderToVoid[]
}

export type OrderToVoid = {
  readonly id: OrderId
  readonly units: readonly number[]
  /** The traceparent of what asks for it, kept with the duty that it leaves; '' is none. */
  readonly trace: string
}

/**
 * expired: never paid in time; seats-gone: paid too late; over-limit: paid too late, and the buyer
 * has other places by now; event-cancelled; canceled: at Stripe.
 */
export type VoidReason = 'expired' | 'seats-gone' | 'over-limit' | 'event-cancelled' | 'canceled'

export const voidOrdersStatement: Statement = {
  name: 'sale.void-orders',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 voided as (
  update orders set state = 'void', void_reason = $7::text, version = version + 1
  where region = $1 and id = any($4::text[]) and state = 'pending'
  returning id),
 freed as (
  update claims set state = 'free', order_id = null, expires_at = null, version = version + 1
  where region = $1 and event_id = $3::text and unit = any($5::int4[]) and state = 'reserved'
    and order_id = ($6::text[])[array_position($5::int4[], unit)]
  returning unit),
 released as (
  update payments set state = 'voided', version = version + 1, updated_at = now()
  where region = $1 and order_id = any($4::text[]) and state = 'pending'
  returning order_id),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.voided:' || v.id, 'order.voided', jsonb_build_object('order', v.id,
    'trace', ($8::text[])[array_position($4::text[], v.id)]), 0, now(), now()
  from home h cross join voided v
  returning id)
select 1 / (case when (select count(*) from home) = 1
    and (select count(*) from voided) = array_length($4::text[], 1)
    and (select count(*) from freed) <= array_length($5::int4[], 1)
    and (select count(*) from released) <= array_length($4::text[], 1)
    and (select count(*) from told) = array_length($4::text[], 1)
    then 1 else 0 end) as guard`,
}

/** @throws GuardFailedError | UnknownOutcomeError: read why by order id */
export async function voidOrders(db: Database, group: GroupToVoid): Promise<void> {
  await db.saleGate.pass(group.event, () => runWrite(db, voidOrdersStatement, voidValues(group)))
}

/** The statement's parameters, $1 to $8. */
export function voidValues(group: GroupToVoid): unknown[] {
  const { orders } = group
  assert(orders.length > 0 && orders.length <= limits.ordersPerGroupMax, 'a group is bounded')
  return [
    group.region,
    group.epoch,
    group.event,
    orders.map((order) => order.id),
    orders.flatMap((order) => order.units),
    orders.flatMap((order) => order.units.map(() => order.id)),
    group.reason,
    orders.map((order) => order.trace),
  ]
}
