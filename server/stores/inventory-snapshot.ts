/**
 * Reads what SQL says of an event's units, to build a hold book from. One scan of the event's
 * claims, answered in one row an owner; buyers come by point lookups of the owners' ids. Only a
 * book that was lost is built so: no hold and no sale runs these statements.
 *
 * A book is built fresh: whatever was sold until then must not be offered again. Other regions that
 * only show the event, and do not reach the one that sells it, read the copy.
 */
import type { HoldScope } from '../domain/hold-book.ts'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import type { InventorySnapshot, UnitOwner } from '../domain/inventory.ts'
import { present } from '../platform/assert.ts'
import type { OrderId } from '../platform/ids.ts'
import type { Database } from './database.ts'
import { runReadAs } from './stale-reading.ts'
import { runRead, type Statement } from './statement.ts'

export const snapshotStatement: Statement = {
  name: 'inventory.snapshot',
  text: `select state, order_id, array_agg(unit) as units,
  max(extract(epoch from expires_at - now()) * 1000)::float8 as expires_in_ms
from claims
where region = $1 and event_id = $2::text and state <> 'free'
  and (expires_at is null or expires_at >= now())
group by state, order_id`,
}

export const orderBuyersStatement: Statement = {
  name: 'inventory.order-buyers',
  text: 'select id, buyer from orders where region = $1 and id = any($2::text[])',
}

export const holdBuyersStatement: Statement = {
  name: 'inventory.hold-buyers',
  text: 'select id, buyer from holds where region = $1 and id = any($2::text[])',
}

type ClaimedRow = {
  readonly state: 'held' | 'reserved' | 'sold' | 'blocked'
  readonly order_id: OrderId | null
  readonly units: number[]
  readonly expires_in_ms: number | null
}

/**
 * @param as `fresh` for a book, `elsewhere` for what another region shows
 * @throws DatabaseUnavailableError
 */
export async function readInventorySnapshot(
  db: Database,
  scope: Pick<HoldScope, 'region' | 'event'>,
  as: 'fresh' | 'elsewhere',
): Promise<InventorySnapshot> {
  const asked = { statement: snapshotStatement, as }
  const rows = await runReadAs<ClaimedRow>(db, asked, [scope.region, scope.event])
  const owned = rows.flatMap((row) => (row.order_id === null ? [] : [{ ...row, id: row.order_id }]))
  const buyers = await readBuyers(db, scope, [...new Set(owned.map((row) => row.id))])
  const ownerOf = ({ id, units }: { id: OrderId; units: number[] }): UnitOwner => ({
    id,
    buyer: present(buyers.get(id), `the buyer of ${id}`),
    units: units.sort((a, b) => a - b),
  })
  return {
    sold: owned.filter((row) => row.state === 'sold').map(ownerOf),
    pending: owned
      .filter((row) => row.state !== 'sold')
      // Whole, because books and the streams of their followers count in milliseconds.
      .map((row) => ({
        ...ownerOf(row),
        expiresInMs: Math.ceil(Math.max(0, row.expires_in_ms ?? 0)),
      })),
    blocked: rows.filter((row) => row.state === 'blocked').flatMap((row) => row.units),
  }
}

/**
 * Of orders; and of holds, for units that the SQL hold book had given. Always fresh: points that no
 * sale is at, and whoever owned a unit in the copy is known to the database.
 */
async function readBuyers(
  db: Database,
  scope: Pick<HoldScope, 'region' | 'event'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const buyers = new Map<string, string>()
  const collect = async (statement: Statement, values: readonly unknown[]) => {
    const found = await runRead<{ id: string; buyer: string }>(db, statement, values)
    for (const { id, buyer } of found) buyers.set(id, buyer)
  }
  for (const batch of batches(ids)) {
    await collect(orderBuyersStatement, [scope.region, batch])
    const rest = batch.filter((id) => !buyers.has(id))
    if (rest.length > 0) await collect(holdBuyersStatement, [scope.region, rest])
  }
  return buyers
}

function* batches(ids: readonly string[]): Generator<readonly string[]> {
  const size = holdBookLimits.ownersPerLookupMax
  for (let from = 0; from < ids.length; from += size) yield ids.slice(from, from + size)
}
