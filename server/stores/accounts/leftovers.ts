/** Deletes what has long expired in the accounts' tables of a region, a bounded number at a time. */
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runStaleRead } from '../stale-reading.ts'
import { runWrite, type Statement } from '../statement.ts'

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
where region = $1 and id = any($2::text[]) and expires_at < now() - $3::int8 * interval '1 millisecond'
returning id`,
})

/**
 * Found in the copy that may be old; the deleting statement looks at their time again.
 * @returns how many rows are gone; as many as `max` in one table: there may be more
 */
export async function deleteLeftovers(db: Database, region: string, max: number): Promise<number> {
  let gone = 0
  for (const table of tables) {
    const asked = { statement: list(table), staleOk: 'scan' } as const
    const old = await runStaleRead<{ readonly id: string }>(db, asked, [
      region,
      limits.accountLeftoversMs,
      max,
    ])
    if (old.length === 0) continue
    for (const ids of inBatches(old.map(({ id }) => id))) {
      gone += (await runWrite(db, remove(table), [region, ids, limits.accountLeftoversMs])).length
    }
  }
  return gone
}

function* inBatches(ids: readonly string[]): Generator<readonly string[]> {
  const size = limits.workerBatchMax
  for (let from = 0; from < ids.length; from += size) yield ids.slice(from, from + size)
}
