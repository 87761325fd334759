/**
 * The type of every `region` column. A CockroachDB database with regions owns an enum of this
 * name; everywhere else we make one, so that the same statements run on all of them.
 */
import type { Client } from 'pg'
import type { Engine } from './engine.ts'

/** Region names end up as enum labels inside DDL, which takes no parameters. */
const regionName = /^[a-z][a-z0-9-]{0,62}$/

/** Makes the type, or adds the regions that it lacks. Safe to repeat. */
export async function ensureRegionType(
  client: Client,
  engine: Engine,
  regions: readonly string[],
): Promise<void> {
  for (const name of regions) {
    if (!regionName.test(name)) throw new Error(`"${name}" is not a region's name (a-z, 0-9, -)`)
  }
  const known = await labels(client)
  if (engine.multiRegion) return refuseMissing(known, regions)
  if (known.length === 0) {
    const list = regions.map((name) => `'${name}'`).join(', ')
    await client.query(`create type crdb_internal_region as enum (${list})`)
    return
  }
  for (const name of regions.filter((region) => !known.includes(region))) {
    await client.query(`alter type crdb_internal_region add value if not exists '${name}'`)
  }
}

function refuseMissing(known: readonly string[], regions: readonly string[]): void {
  const missing = regions.filter((region) => !known.includes(region))
  if (missing.length > 0) {
    throw new Error(
      `The database has no region ${missing.join(', ')}. Add it: alter database … add region "…"`,
    )
  }
}

async function labels(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ enumlabel: string }>(
    `select e.enumlabel from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid
     where t.typname = 'crdb_internal_region'`,
  )
  return rows.map((row) => row.enumlabel)
}
