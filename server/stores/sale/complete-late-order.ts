/**
 * Completes an order whose reservation has run out, or is about to: as complete-orders.ts does, and
 * only if its buyer stays within the limit. The start of another order does not count what has run
 * out, and so nobody else stands between both.
 *
 * A check before the statement would race with that start. Inside, both serialize: this one reads
 * the buyer's span of orders_by_buyer, into which the start inserts, and writes its own entry there
 * (the index carries the state), which the start has read. So neither can come before the other
 * without having seen it: PostgreSQL fails one of them with 40001, by its predicate locks. On
 * CockroachDB the read leaves its time on the span; a later insert into it is pushed beyond that
 * time and must find its own earlier read of the span unchanged, which this write has changed, or
 * run again. The same holds between two late orders, and with a hold of the SQL book.
 *
 * By now() the two may still disagree on whether this order lives, if it ends while they run. Then
 * its plain completion would not count, and the start would not count it: therefore whatever runs
 * out within limits.lateBeforeMs is completed here.
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

/** Who has nothing else was within the limit when the order began: it may be lower by now. */
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
  const { buyer, order, ...scope } = late
  const values = [...completeValues({ ...scope, orders: [order] }), buyer]
  const rows = await db.saleGate.pass(late.event, () =>
    runWrite<{ paid_at: Date }>(db, completeLateOrderStatement, values),
  )
  return { paidAt: present(rows[0], 'the answer of the statement').paid_at }
}
