/**
 * One runner at a time, by a row with a lease: claimed, renewed and given back by compare-and-set.
 * No advisory lock (CockroachDB has none that hold) and no transaction: when a runner dies, its
 * lease runs out and the next one repeats the step, which every step allows.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from 'pg'

/** Longer than any one statement on a young database; a dead runner delays the next by this. */
const leaseSeconds = 60
const pollMs = 50

export class LostLeaseError extends Error {
  override readonly name = 'LostLeaseError'
}

/** PostgreSQL lets rivals collide on `create table if not exists`; the loser finds it there. */
const createdByRival = new Set(['23505', '42P07', '42710'])

export async function makeLockTable(client: Client): Promise<void> {
  const statements = [
    `create table if not exists migration_lock (
      id int4 not null, holder text, expires_at timestamptz not null, primary key (id))`,
    `create table if not exists migrations (
      name text not null, checksum text not null, applied_at timestamptz not null default now(),
      primary key (name))`,
    `insert into migration_lock (id, expires_at) values (1, now()) on conflict (id) do nothing`,
  ]
  for (const statement of statements) {
    // Where SERIALIZABLE is the default, rivals that insert one row collide as well.
    await retrySerialization(() => client.query(statement)).catch((cause: unknown) => {
      if (!createdByRival.has(String((cause as { code?: unknown }).code))) throw cause
    })
  }
}

/** Waits until the lock is ours. */
export async function claim(client: Client, holder: string): Promise<void> {
  while (!(await tryClaim(client, holder))) await wait(pollMs)
}

async function tryClaim(client: Client, holder: string): Promise<boolean> {
  const { rowCount } = await retrySerialization(() =>
    client.query(
      `update migration_lock set holder = $1::text, expires_at = now() + interval '${leaseSeconds} seconds'
       where id = 1 and (holder is null or expires_at < now())`,
      [holder],
    ),
  )
  return rowCount === 1
}

/** @throws LostLeaseError when the lease ran out and somebody else took it. */
export async function renew(client: Client, holder: string): Promise<void> {
  const { rowCount } = await retrySerialization(() =>
    client.query(
      `update migration_lock set expires_at = now() + interval '${leaseSeconds} seconds'
       where id = 1 and holder = $1::text`,
      [holder],
    ),
  )
  if (rowCount !== 1) throw new LostLeaseError('another runner took over the migrations')
}

export async function release(client: Client, holder: string): Promise<void> {
  await retrySerialization(() =>
    client.query('update migration_lock set holder = null where id = 1 and holder = $1::text', [
      holder,
    ]),
  )
}

const attemptsMax = 50

/** Rivals that write one row at SERIALIZABLE see 40001; the statement is simply run again. */
async function retrySerialization<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run()
    } catch (cause) {
      const code = String((cause as { code?: unknown }).code)
      if (attempt === attemptsMax || !['40001', '40P01'].includes(code)) throw cause
      await wait(pollMs)
    }
  }
}
