/**
 * The claims of an event: one row a unit, all free, made when it is published, so that sales only
 * ever update rows. In chunks, each one statement, each safe to repeat: a half-made set is finished
 * by running it again, and rivals that make the same set do no harm.
 *
 * No `on conflict`: for many rows at once CockroachDB answers it by a hash join that may scan all
 * claims of the region, those that are being sold included. A plain insert reads nothing; where a
 * row is there already it fails as a whole, and only what is missing is inserted.
 */
import { assert } from '../platform/assert.ts'
import type { EventId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from './database.ts'
import { ContentionError, DuplicateKeyError } from './outcome.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

/** Rows in one statement: about a tenth of a second, far below the statement's timeout. */
export const claimsPerChunk = 10_000

const insertStatement: Statement = {
  name: 'claims.publish',
  text: `insert into claims (region, event_id, unit, state, version)
select a.region, $2::text, g, 'free', 0::int8
from authority a cross join generate_series($3::int4, $4::int4) as g
where a.region = $1`,
}

const insertMissingStatement: Statement = {
  name: 'claims.publish-missing',
  text: `insert into claims (region, event_id, unit, state, version)
select a.region, $2::text, w.unit, 'free', 0::int8
from authority a cross join unnest($3::int4[]) as w(unit)
where a.region = $1`,
}

const madeStatement: Statement = {
  name: 'claims.made',
  text: `select unit from claims
where region = $1 and event_id = $2::text and unit >= $3::int4 and unit < $4::int4`,
}

const countStatement: Statement = {
  name: 'claims.count',
  text: `select count(*) as made, count(*) filter (where unit >= $3::int4) as beyond
from claims where region = $1 and event_id = $2::text`,
}

export type ClaimsToMake = {
  readonly region: string
  readonly event: EventId
  readonly units: number
}

/** Makes the claims of the units from `first` on, one chunk; answers where the next one begins. */
export async function makeClaimsFrom(
  db: Database,
  claims: ClaimsToMake,
  first: number,
): Promise<number> {
  const { region, event, units } = claims
  const next = Math.min(units, first + claimsPerChunk)
  const isNew = await inserts(db, insertStatement, [region, event, first, next - 1])
  if (!isNew) await makeMissing(db, claims, { first, next })
  return next
}

type Chunk = { readonly first: number; readonly next: number }

/** Each round finds more of them made, by us or by the rival who made them first. */
async function makeMissing(db: Database, claims: ClaimsToMake, chunk: Chunk): Promise<void> {
  const { region, event } = claims
  for (let attempt = 1; attempt <= limits.transactionAttemptsMax; attempt += 1) {
    const missing = await missingIn(db, claims, chunk)
    if (missing.length === 0) return
    if (await inserts(db, insertMissingStatement, [region, event, missing])) return
  }
  throw new ContentionError('others make the same claims all the time')
}

async function missingIn(
  db: Database,
  { region, event }: ClaimsToMake,
  { first, next }: Chunk,
): Promise<number[]> {
  const rows = await runRead<{ unit: number }>(db, madeStatement, [region, event, first, next])
  assert(rows.length <= next - first, 'a unit has one claim')
  const made = new Set(rows.map(({ unit }) => unit))
  return Array.from({ length: next - first }, (_, place) => first + place).filter(
    (unit) => !made.has(unit),
  )
}

/** False when one of the rows was there: then none was inserted. */
async function inserts(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
): Promise<boolean> {
  try {
    await runWrite(db, statement, values)
    return true
  } catch (cause) {
    if (cause instanceof DuplicateKeyError) return false
    throw cause
  }
}

/** True when there is a claim for each unit and for nothing else. */
export async function claimsAreComplete(
  db: Database,
  { region, event, units }: ClaimsToMake,
): Promise<boolean> {
  type Row = { made: number; beyond: number }
  const rows = await runRead<Row>(db, countStatement, [region, event, units])
  return rows[0]?.made === units && rows[0].beyond === 0
}
