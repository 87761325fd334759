/**
 * Why a sale's guard failed: facts read after nothing was done. They may have changed since, so
 * they explain and never decide.
 */
import type { EventId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runRead, type Statement } from '../statement.ts'

export type SaleFacts = {
  /** The authority's epoch now, or null when the region has none. */
  readonly epoch: number | null
  readonly sale: {
    readonly cancelled: boolean
    readonly opened: boolean
    readonly closed: boolean
    readonly limitPerBuyer: number
  } | null
  /** Units of the buyer's paid and living pending orders. */
  readonly bought: number
  /** Units that are not free, with the order that has them (null: blocked). */
  readonly taken: readonly { readonly unit: number; readonly order: string | null }[]
}

const saleStatement: Statement = {
  name: 'sale.why-refused',
  text: `select
  (select epoch from authority where region = $1) as epoch,
  (select json_build_object('cancelled', state = 'cancelled', 'opened', opens_at <= now(),
    'closed', closes_at <= now(), 'limitPerBuyer', limit_per_buyer)
    from event_sales where region = $1 and event_id = $2::text) as sale,
  (select coalesce(sum(units), 0) from orders
    where region = $1 and event_id = $2::text and buyer = $3::text
      and (state = 'paid' or (state = 'pending' and expires_at > now()))) as bought`,
}

const takenStatement: Statement = {
  name: 'sale.taken-units',
  text: `select unit, order_id from claims
where region = $1 and event_id = $2::text and unit = any($3::int4[])
  and state <> 'free' and (expires_at is null or expires_at >= now())
order by unit`,
}

export async function readSaleFacts(
  db: Database,
  asked: {
    readonly region: string
    readonly event: EventId
    readonly buyer: string
    readonly units: readonly number[]
  },
): Promise<SaleFacts> {
  const { region, event, buyer, units } = asked
  type Row = Pick<SaleFacts, 'epoch' | 'sale' | 'bought'>
  const rows = await runRead<Row>(db, saleStatement, [region, event, buyer])
  const taken = await runRead<{ unit: number; order_id: string | null }>(db, takenStatement, [
    region,
    event,
    units,
  ])
  return {
    epoch: rows[0]?.epoch ?? null,
    sale: rows[0]?.sale ?? null,
    bought: rows[0]?.bought ?? 0,
    taken: taken.map((row) => ({ unit: row.unit, order: row.order_id })),
  }
}
