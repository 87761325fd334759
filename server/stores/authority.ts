/**
 * Who may write the sales of a home region, and since which change of authority. Sales check the
 * epoch in their own statement; what is read here may be old.
 */
import type { Database } from './database.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

const insertStatement: Statement = {
  name: 'authority.insert',
  text: `insert into authority (region, server_region, epoch) values ($1, $2::text, 1)
on conflict (region) do nothing`,
}

const findStatement: Statement = {
  name: 'authority.find',
  text: 'select server_region, epoch from authority where region = $1',
}

export type Authority = { readonly serverRegion: string; readonly epoch: number }

/** The authority of this home region, or null where it has never had one. */
export async function findAuthority(db: Database, region: string): Promise<Authority | null> {
  type Row = { server_region: string; epoch: number }
  const rows = await runRead<Row>(db, findStatement, [region])
  const row = rows[0]
  return row ? { serverRegion: row.server_region, epoch: row.epoch } : null
}

/**
 * Makes the region its own authority, epoch 1, unless it has one. Safe to repeat.
 * @throws Error when the row cannot be read after it was written
 */
export async function ensureAuthority(db: Database, region: string): Promise<Authority> {
  const existing = await findAuthority(db, region)
  if (existing !== null) return existing
  await runWrite(db, insertStatement, [region, region])
  const made = await findAuthority(db, region)
  if (made === null) throw new TypeError(`region ${region} has no authority`)
  return made
}
