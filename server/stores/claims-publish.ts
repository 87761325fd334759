/**
 * The claims of an event: one row a unit, all free, made when it is published, so that sales only
 * ever update rows. In chunks, each one statement, each safe to repeat: a half-made set is finished
 * by running it again, and rivals that make the same set do no harm.
 */
import type { EventId } from '../platform/ids.ts'
import type { Database } from './database.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

/** Rows in one statement: about a tenth of a second, far below the statement's timeout. */
export const claimsPerChunk = 10_000

const insertStatement: Statement = {
  name: 'claims.publish',
  text: `insert into claims (region, event_id, unit, state, version)
select a.region, $2::text, g, 'free', 0::int8
from authority a cross join generate_series($3::int4, $4::int4) as g
where a.region = $1
on conflict (region, event_id, unit) do nothing`,
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
  { region, event, units }: ClaimsToMake,
  first: number,
): Promise<number> {
  const next = Math.min(units, first + claimsPerChunk)
  await runWrite(db, insertStatement, [region, event, first, next - 1])
  return next
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
