/** Deletes what has long expired in the accounts' tables of a region, a bounded number at a time. */
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runRead, runWrite, type Statement } from '../statement.ts'

/** Ended families are kept as long as their tokens could still be shown: theft is noticed by them. */
const tables = ['verifications', 'sessions', 'refresh_families'] as const

const list = (table: (typeof tables)[number]): Statement => ({
  name: `accounts.leftovers-of-${table.replace('_', '-')}`,
  text: `select id from ${table}
where region = $1 and expires_at < now() - $2::int8 * interval '1 millisecond' limit $3`,
})

const remove = (table: (typeof tables)[number]): Statement => ({
  name: `accounts.leftovers-delete-${table.replace('_', '-')}`,
  text: `delete from ${table}
where region = $1 and id = any($2::text[]) and expires_at < now() - $3::int8 * interval '1 millisecond'`,
})

/** @returns how many rows are gone; as many as `max` in one table: there may be more */
export async function deleteLeftovers(db: Database, region: string, max: number): Promise<number> {
  let gone = 0
  for (const table of tables) {
    const old = await runRead<{ readonly id: string }>(db, list(table), [
      region,
      limits.accountLeftoversMs,
      max,
    ])
    if (old.length === 0) continue
    const ids = old.map(({ id }) => id)
    await runWrite(db, remove(table), [region, ids, limits.accountLeftoversMs])
    gone += ids.length
  }
  return gone
}
