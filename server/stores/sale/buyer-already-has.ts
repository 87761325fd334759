/**
 * What a buyer has of an event beside given orders: paid ones, pending ones that have not run out,
 * and holds of the SQL book that are no orders yet. A hold that has an order is counted by its
 * order alone: the book keeps it longer than the reservation, and hears of its end later.
 */
import type { EventId, OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runRead, type Statement } from '../statement.ts'

/** Parameters, as the text names them: `$3::text`. */
type Parameters = {
  readonly event: string
  readonly buyer: string
  /** An array: these are not counted. */
  readonly orders: string
}

/**
 * CTEs that end in `already (units)`. Both reads are spans of an index by buyer, as in hold.place, and
 * materialized, so that they stand before whatever the statement writes. Not `buyer = any(…)`, as
 * the start of a group has it: for one buyer PostgreSQL then took all rows of the region.
 */
export function alreadyHas({ event, buyer, orders }: Parameters): string {
  return `ordered as materialized (
  select id, units, (state = 'paid' or (state = 'pending' and expires_at > now())) as counts
  from orders
  where region = $1 and event_id = ${event} and buyer = ${buyer}),
 holding as materialized (
  select id, units from holds
  where region = $1 and event_id = ${event} and buyer = ${buyer}
    and state = 'held' and expires_at > now()),
 already as materialized (
  select coalesce(sum(units), 0) as units from (
    select units from ordered where counts and not (id = any(${orders}))
    union all
    select units from holding where id not in (select id from ordered)) as counted)`
}

const alreadyStatement: Statement = {
  name: 'sale.buyer-already-has',
  text: `with ${alreadyHas({ event: '$2::text', buyer: '$3::text', orders: '$4::text[]' })}
select units from already`,
}

/** Units. Read after a guard has failed: it explains, and never decides. */
export async function readAlready(
  db: Database,
  asked: {
    readonly region: string
    readonly event: EventId
    readonly buyer: string
    readonly beside: OrderId
  },
): Promise<number> {
  const { region, event, buyer, beside } = asked
  const values = [region, event, buyer, [beside]]
  const rows = await runRead<{ units: number }>(db, alreadyStatement, values)
  return rows[0]?.units ?? 0
}
