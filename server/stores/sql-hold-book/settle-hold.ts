/**
 * The hold's end with its order. The sale's own statements have changed the claims already; what
 * is left is the hold's row, and claims that never became the order's.
 */
import type { HoldScope, SettledOrder } from '../../domain/hold-book.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

export const convertHoldStatement: Statement = {
  name: 'hold.convert',
  text: `update holds set state = 'converted'
where region = $1 and id = $2::text and state = 'held'`,
}

export const freeHoldStatement: Statement = {
  name: 'hold.free',
  text: `with ended as (
  update holds set state = 'released'
  where region = $1 and id = $3::text and state = 'held'
  returning id)
update claims set state = 'free', order_id = null, expires_at = null, version = version + 1
where region = $1 and event_id = $2::text and unit = any($4::int4[]) and state = 'held'
  and order_id = $3::text`,
}

/** Safe to repeat. @throws UnknownOutcomeError call it again */
export async function convertHold(
  db: Database,
  scope: HoldScope,
  order: SettledOrder,
): Promise<void> {
  await runWrite(db, convertHoldStatement, [scope.region, order.id])
}

/** Safe to repeat. @throws UnknownOutcomeError call it again */
export async function freeHold(db: Database, scope: HoldScope, order: SettledOrder): Promise<void> {
  await runWrite(db, freeHoldStatement, [scope.region, scope.event, order.id, order.units])
}
