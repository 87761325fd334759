/**
 * Completes an order whose reservation has run out, or is about to: as complete-orders.ts does, and
 * only if its buyer stays within the limit. The start of another order does not count what has run
 * out, so that nothing else stands between both.
 *
 * By now() the two may disagree on whether this order lives, if it ends while they run. Then its
 * plain completion would not count, and the start would not count it: therefore whatever runs out
 * within limits.lateBeforeMs is completed here.
 */
import { present } from '../../platform/assert.ts'
import type { EventId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'
import { alreadyHas } from './buyer-already-has.ts'
import {
  type CompletedAt,
  completeValues,
  completingText,
  type OrderToComplete,
} from './complete-orders.ts'

export type LateOrder = {
  readonly region: string
  readonly epoch: number
  readonly event: EventId
  readonly buyer: string
  readonly order: OrderToComplete
}

/**
 * A check before the statement would race with the start of another order. Inside, the two exclude
 * each other, since each reads what the other writes: this one the buyer's span of orders_by_buyer,
 * into which the start inserts; the start that span, in which this one changes its own entry (the
 * index carries the state). PostgreSQL fails one of them with 40001, by its predicate locks. On
 * CockroachDB a read leaves its time on the span: an insert that comes after is pushed beyond it,
 * and must then find the span that it has read itself unchanged, or run again; and who reads a span
 * in which the other's entry is not yet committed waits for it. So it is between two late orders,
 * and with a hold of the SQL book, by its index by buyer.
 *
 * Who has nothing else was within the limit when the order began, though it may be lower by now.
 */
export const completeLateOrderStatement: Statement = {
  name: 'sale.complete-late-order',
  text: completingText({
    ofSale: 'limit_per_buyer',
    counted: `
 ${alreadyHas({ event: '$3::text', buyer: '$9::text', orders: '$4::text[]' })},
 over_limit as materialized (
  select s.limit_per_buyer from sale s cross join already a
  where a.units > 0 and a.units + array_length($5::int4[], 1) > s.limit_per_buyer),`,
    guard: `
    and (select count(*) from over_limit) = 0`,
  }),
}

/** @throws GuardFailedError | UnknownOutcomeError: read why by order id */
export async function completeLateOrder(db: Database, late: LateOrder): Promise<CompletedAt> {
  const rows = await db.saleGate.pass(late.event, () =>
    runWrite<{ paid_at: Date }>(db, completeLateOrderStatement, lateValues(late)),
  )
  return { paidAt: present(rows[0], 'the answer of the statement').paid_at }
}

/** The statement's parameters, $1 to $9. */
export function lateValues({ buyer, order, ...scope }: LateOrder): unknown[] {
  return [...completeValues({ ...scope, orders: [order] }), buyer]
}
