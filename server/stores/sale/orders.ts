/** Reads of orders. Each binds the region that the order's own id names. */
import type { Order, OrderLine, OrderState } from '../../domain/order.ts'
import { assert } from '../../platform/assert.ts'
import type { EventId, OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { type Freshness, runReadAs } from '../stale-reading.ts'
import { runRead, type Statement } from '../statement.ts'

export type PaymentState = 'pending' | 'authorized' | 'captured' | 'voided'

/** An order with its payment (null: free), and whether its reservation has run out by now(). */
export type OrderRecord = {
  readonly order: Order
  readonly payment: { readonly intentId: string; readonly state: PaymentState } | null
  readonly expired: boolean
}

const columns = `id, event_id, buyer, state, lines, currency, total, digest, void_reason,
  created_at, expires_at, paid_at, version, expires_at <= now() as expired`

const findStatement: Statement = {
  name: 'orders.find',
  text: `select ${columns},
  (select intent_id from payments where region = $1 and order_id = $2::text) as intent_id,
  (select state from payments where region = $1 and order_id = $2::text) as payment_state
from orders where region = $1 and id = $2::text`,
}

/**
 * Somebody else's order sends no row, so that it takes no longer than one that is not there. The
 * buyer is no plain condition: the index by buyer must not be taken for a lookup by id.
 */
const findOwnStatement: Statement = {
  name: 'orders.find-own',
  text: `${findStatement.text} and (case when buyer = $3::text then true else false end)`,
}

/**
 * Keyset by creation, newest first; (created_at, id) of the last row seen bounds the next page. In
 * whole milliseconds, since a cursor carries no more: orders of one millisecond go by their ids.
 */
const listStatement: Statement = {
  name: 'orders.list-by-buyer',
  text: `select ${columns}, null as intent_id, null as payment_state
from orders where region = $1 and buyer = $2::text
  and (date_trunc('millisecond', created_at) < $3::timestamptz
    or (date_trunc('millisecond', created_at) = $3::timestamptz and id < $4::text))
order by date_trunc('millisecond', created_at) desc, id desc limit $5::int8`,
}

/** Later than any order: the first page has no order before it. */
const endOfTime = '9999-12-31T00:00:00Z'

type Row = {
  readonly id: OrderId
  readonly event_id: EventId
  readonly buyer: string
  readonly state: OrderState
  readonly lines: OrderLine[]
  readonly currency: string
  readonly total: number
  readonly digest: string
  readonly void_reason: string | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly paid_at: Date | null
  readonly version: number
  readonly expired: boolean
  readonly intent_id: string | null
  readonly payment_state: PaymentState | null
}

/** The order of this id, or null. */
export async function findOrder(
  db: Database,
  at: { readonly region: string; readonly id: OrderId },
): Promise<OrderRecord | null> {
  const rows = await runRead<Row>(db, findStatement, [at.region, at.id])
  return rows[0] ? recordFromRow(rows[0]) : null
}

/** The order of this id, or null when there is none or it is another buyer's. */
export async function findOwnOrder(
  db: Database,
  at: { readonly region: string; readonly id: OrderId; readonly buyer: string },
  as: Freshness = 'fresh',
): Promise<OrderRecord | null> {
  const asked = { statement: findOwnStatement, as }
  const rows = await runReadAs<Row>(db, asked, [at.region, at.id, at.buyer])
  return rows[0] ? recordFromRow(rows[0]) : null
}

export type OrderPage = {
  readonly region: string
  readonly buyer: string
  /** The last order of the page before, or null for the first page. */
  readonly before: { readonly createdAt: Date; readonly id: OrderId } | null
  readonly limit: number
}

/** A page of one fan's orders in one region, newest first. */
export async function listOrders(
  db: Database,
  page: OrderPage,
  as: Freshness = 'fresh',
): Promise<Order[]> {
  const { region, buyer, before, limit } = page
  const rows = await runReadAs<Row>(db, { statement: listStatement, as }, [
    region,
    buyer,
    before?.createdAt ?? endOfTime,
    before?.id ?? '',
    limit,
  ])
  return rows.map((row) => recordFromRow(row).order)
}

function recordFromRow(row: Row): OrderRecord {
  assert((row.state === 'paid') === (row.paid_at !== null), 'a paid order says since when')
  assert(row.lines.length > 0, 'an order has lines')
  const order: Order = {
    id: row.id,
    event: row.event_id,
    buyer: row.buyer,
    state: row.state,
    lines: row.lines,
    currency: row.currency,
    total: row.total,
    digest: row.digest,
    voidReason: row.void_reason,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
    version: row.version,
  }
  assert(order.version > 0, 'versions begin at one')
  const payment =
    row.intent_id === null || row.payment_state === null
      ? null
      : { intentId: row.intent_id, state: row.payment_state }
  return { order, payment, expired: row.expired }
}
