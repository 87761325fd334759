/** Reads of tickets, through their orders: a ticket belongs to whom its order belongs. */
import type { EventId, OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { type Freshness, runReadAs } from '../stale-reading.ts'
import type { Statement } from '../statement.ts'

export type Ticket = {
  readonly order: OrderId
  readonly unit: number
  readonly event: EventId
  readonly state: 'valid' | 'void'
  /** Grows with each transfer; codes of an older epoch are dead. */
  readonly codeEpoch: number
  readonly issuedAt: Date
}

const byOrdersStatement: Statement = {
  name: 'tickets.by-orders',
  text: `select order_id, unit, event_id, state, code_epoch, issued_at from tickets
where region = $1 and order_id = any($2::text[]) order by order_id, unit`,
}

type Row = {
  readonly order_id: OrderId
  readonly unit: number
  readonly event_id: EventId
  readonly state: 'valid' | 'void'
  readonly code_epoch: number
  readonly issued_at: Date
}

/** The tickets of these orders of one region, by order and unit. */
export async function listTickets(
  db: Database,
  of: { readonly region: string; readonly orders: readonly OrderId[] },
  as: Freshness = 'fresh',
): Promise<Ticket[]> {
  const asked = { statement: byOrdersStatement, as }
  const rows = await runReadAs<Row>(db, asked, [of.region, of.orders])
  return rows.map((row) => ({
    order: row.order_id,
    unit: row.unit,
    event: row.event_id,
    state: row.state,
    codeEpoch: row.code_epoch,
    issuedAt: row.issued_at,
  }))
}
