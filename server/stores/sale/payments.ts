/** What a payment becomes after the sale. Compare-and-set on its state; repeating is harmless. */
import type { OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

const capturedStatement: Statement = {
  name: 'payments.captured',
  text: `update payments set state = 'captured', version = version + 1, updated_at = now()
where region = $1 and order_id = $2::text and state = 'authorized' returning order_id`,
}

/** True when this call made the change; false when it was made before. */
export async function markCaptured(
  db: Database,
  payment: { readonly region: string; readonly order: OrderId },
): Promise<boolean> {
  const rows = await runWrite(db, capturedStatement, [payment.region, payment.order])
  return rows.length === 1
}
