/** Reads of the SQL hold book: a hold by its id, why a hold was not granted, states of some units. */
import type { Hold, HoldTerms } from '../../domain/hold.ts'
import type { HoldScope, HoldWish } from '../../domain/hold-book.ts'
import type { UnitState } from '../../domain/units.ts'
import { assert } from '../../platform/assert.ts'
import type { OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runRead, type Statement } from '../statement.ts'

export type HoldRecord = { readonly hold: Hold; readonly living: boolean }

export const findHoldStatement: Statement = {
  name: 'hold.find',
  text: `select buyer, unit_numbers, digest, terms, state = 'held' and expires_at > now() as living,
  (extract(epoch from expires_at - now()) * 1000)::float8 as expires_in_ms,
  (extract(epoch from cap_at - now()) * 1000)::float8 as cap_in_ms
from holds where region = $1 and event_id = $2::text and id = $3::text`,
}

type HoldRow = {
  readonly buyer: string
  readonly unit_numbers: number[]
  readonly digest: string
  readonly terms: HoldTerms
  readonly living: boolean
  readonly expires_in_ms: number
  readonly cap_in_ms: number
}

/** The hold of an id, living or ended, or null. */
export async function findHold(
  db: Database,
  scope: Pick<HoldScope, 'region' | 'event'>,
  id: OrderId,
): Promise<HoldRecord | null> {
  const rows = await runRead<HoldRow>(db, findHoldStatement, [scope.region, scope.event, id])
  const row = rows[0]
  if (row === undefined) return null
  assert(row.unit_numbers.length > 0, 'a hold has units')
  const hold: Hold = {
    id,
    event: scope.event,
    buyer: row.buyer,
    units: row.unit_numbers,
    terms: row.terms,
    digest: row.digest,
    expiresInMs: Math.round(row.expires_in_ms),
    capInMs: Math.round(row.cap_in_ms),
  }
  return { hold, living: row.living }
}

export const standingStatement: Statement = {
  name: 'hold.standing',
  text: `select
  (select epoch from authority where region = $1) as epoch,
  (select coalesce(sum(units), 0) from orders
    where region = $1 and buyer = $3::text and event_id = $2::text and id <> $4::text
      and (state = 'paid' or (state = 'pending' and expires_at > now()))) as bought,
  (select coalesce(sum(units), 0) from holds
    where region = $1 and event_id = $2::text and buyer = $3::text and id <> $4::text
      and state = 'held' and expires_at > now()
      and id not in (select id from orders
        where region = $1 and buyer = $3::text and event_id = $2::text
          and (state = 'paid' or (state = 'pending' and expires_at > now())))) as holding`,
}

/** The authority's epoch, and what the buyer has beside this wish. */
export async function readStanding(
  db: Database,
  scope: Pick<HoldScope, 'region' | 'event'>,
  wish: Pick<HoldWish, 'id' | 'buyer'>,
): Promise<{ readonly epoch: number | null; readonly already: number }> {
  const rows = await runRead<{ epoch: number | null; bought: number; holding: number }>(
    db,
    standingStatement,
    [scope.region, scope.event, wish.buyer, wish.id],
  )
  const row = rows[0]
  return { epoch: row?.epoch ?? null, already: (row?.bought ?? 0) + (row?.holding ?? 0) }
}

export const unitStatesStatement: Statement = {
  name: 'hold.unit-states',
  text: `select unit, state, order_id, state in ('held', 'reserved') and expires_at < now() as lapsed
from claims where region = $1 and event_id = $2::text and unit = any($3::int4[])`,
}

export type ClaimedUnit = {
  readonly unit: number
  /** As a bitmap says it: a reservation is held. */
  readonly state: UnitState
  readonly owner: string | null
}

/** States of units now; a unit without a claim (the event was never published) is left out. */
export async function readUnits(
  db: Database,
  scope: Pick<HoldScope, 'region' | 'event'>,
  units: readonly number[],
): Promise<ClaimedUnit[]> {
  type Row = { unit: number; state: UnitState | 'reserved'; order_id: string; lapsed: boolean }
  const rows = await runRead<Row>(db, unitStatesStatement, [scope.region, scope.event, units])
  return rows.map(({ unit, state, order_id, lapsed }) => {
    if (lapsed) return { unit, state: 'free', owner: null }
    return { unit, state: state === 'reserved' ? 'held' : state, owner: order_id }
  })
}
