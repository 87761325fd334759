/** Reads of the SQL hold book: a hold by its id, states of units, and all that a refusal needs. */
import type { Hold, HoldTerms } from '../../domain/hold.ts'
import type { HoldScope, HoldWish } from '../../domain/hold-book.ts'
import type { UnitState } from '../../domain/units.ts'
import { assert, present } from '../../platform/assert.ts'
import type { OrderId } from '../../platform/ids.ts'
import type { Database } from '../database.ts'
import { runRead, type Statement } from '../statement.ts'

type Where = Pick<HoldScope, 'region' | 'event'>

export type HoldRecord = { readonly hold: Hold; readonly living: boolean }

export const findHoldStatement: Statement = {
  name: 'hold.find',
  text: `select event_id, buyer, unit_numbers, digest, terms, state = 'held' and expires_at > now() as living,
  (extract(epoch from expires_at - now()) * 1000)::float8 as expires_in_ms,
  (extract(epoch from cap_at - now()) * 1000)::float8 as cap_in_ms
from holds where region = $1 and id = $2::text`,
}

type HoldRow = {
  readonly event_id: string
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
  scope: Where,
  id: OrderId,
): Promise<HoldRecord | null> {
  const rows = await runRead<HoldRow>(db, findHoldStatement, [scope.region, id])
  return holdFromRow(rows[0], { id, event: scope.event })
}

/** Null for a hold of another event, too. */
function holdFromRow(
  row: HoldRow | null | undefined,
  named: Pick<Hold, 'id' | 'event'>,
): HoldRecord | null {
  if (!row || row.event_id !== named.event) return null
  assert(row.unit_numbers.length > 0, 'a hold has units')
  const hold: Hold = {
    ...named,
    buyer: row.buyer,
    units: row.unit_numbers,
    terms: row.terms,
    digest: row.digest,
    expiresInMs: Math.round(row.expires_in_ms),
    capInMs: Math.round(row.cap_in_ms),
  }
  return { hold, living: row.living }
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

type ClaimRow = {
  readonly unit: number
  readonly state: UnitState | 'reserved'
  readonly order_id: string | null
  readonly lapsed: boolean | null
}

/** States of units now; a unit without a claim (the event was never published) is left out. */
export async function readUnits(
  db: Database,
  scope: Where,
  units: readonly number[],
): Promise<ClaimedUnit[]> {
  const values = [scope.region, scope.event, units]
  return (await runRead<ClaimRow>(db, unitStatesStatement, values)).map(claimFromRow)
}

function claimFromRow({ unit, state, order_id, lapsed }: ClaimRow): ClaimedUnit {
  if (lapsed) return { unit, state: 'free', owner: null }
  return { unit, state: state === 'reserved' ? 'held' : state, owner: order_id }
}

/** An order and the hold that it came from share an id and count once. */
export const holdFactsStatement: Statement = {
  name: 'hold.facts',
  text: `select
  (select epoch from authority where region = $1) as epoch,
  (select json_build_object('event_id', event_id, 'buyer', buyer, 'unit_numbers', unit_numbers, 'digest', digest,
      'terms', terms, 'living', state = 'held' and expires_at > now(),
      'expires_in_ms', (extract(epoch from expires_at - now()) * 1000)::float8,
      'cap_in_ms', (extract(epoch from cap_at - now()) * 1000)::float8)
    from holds where region = $1 and id = $3::text) as hold,
  (select coalesce(sum(units), 0) from orders
    where region = $1 and buyer = $4::text and event_id = $2::text and id <> $3::text
      and (state = 'paid' or (state = 'pending' and expires_at > now()))) as bought,
  (select coalesce(sum(units), 0) from holds
    where region = $1 and buyer = $4::text and event_id = $2::text and id <> $3::text
      and state = 'held' and expires_at > now()
      and id not in (select id from orders
        where region = $1 and buyer = $4::text and event_id = $2::text
          and (state = 'paid' or (state = 'pending' and expires_at > now())))) as holding,
  (select json_agg(json_build_object('unit', unit, 'state', state, 'order_id', order_id,
      'lapsed', state in ('held', 'reserved') and expires_at < now()))
    from claims where region = $1 and event_id = $2::text and unit = any($5::int4[])) as claims`,
}

export type HoldFacts = {
  /** The authority's epoch now, or null when the region has none. */
  readonly epoch: number | null
  /** The first answer to the wish's key. */
  readonly known: HoldRecord | null
  /** What the buyer has beside this wish. */
  readonly already: number
  readonly claims: readonly ClaimedUnit[]
}

/** What a refusal is explained by, in one read. It may have changed since, so it never decides. */
export async function readHoldFacts(
  db: Database,
  scope: Where,
  asked: { readonly wish: Pick<HoldWish, 'id' | 'buyer'>; readonly units: readonly number[] },
): Promise<HoldFacts> {
  const { id, buyer } = asked.wish
  const rows = await runRead<{
    epoch: number | null
    hold: HoldRow | null
    bought: number
    holding: number
    claims: ClaimRow[] | null
  }>(db, holdFactsStatement, [scope.region, scope.event, id, buyer, asked.units])
  const row = present(rows[0], 'the facts of a hold')
  return {
    epoch: row.epoch,
    known: holdFromRow(row.hold, { id, event: scope.event }),
    already: row.bought + row.holding,
    claims: (row.claims ?? []).map(claimFromRow),
  }
}
