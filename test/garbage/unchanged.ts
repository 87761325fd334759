/**
 * Digests of everything that is kept: each row of each table, each key of Redis. What may change
 * while garbage is refused is named here, with its reason; everything else must not.
 */
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Sql } from '../support/sale-system.ts'

/** Tables by the reason why a refused call may write there. */
const tablesThatMove: Readonly<Record<string, string>> = {
  api_key_uses: 'when a key was last shown, for whoever looks after keys',
}

/** Prefixes of Redis keys by the reason why a refused call may write there. */
const keysThatMove: Readonly<Record<string, string>> = {}

export type Kept = Readonly<Record<string, string>>

export type Keeper = AsyncDisposable & { readonly digests: () => Promise<Kept> }

export async function openKeeper(sql: Sql, redisUrl: string | null): Promise<Keeper> {
  const redis = redisUrl === null ? null : new Redis(redisUrl)
  const found = await sql<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  )
  const tables = found.map(({ name }) => name).filter((name) => !(name in tablesThatMove))
  const ofTables = tables
    .map(
      (table) =>
        `select '${table}' as name, count(*)::text || ' rows ' ||
           coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as digest
         from "${table}" as t`,
    )
    .join(' union all ')
  return {
    digests: async () => {
      const rows = await sql<{ name: string; digest: string }>(ofTables)
      const ofRows = rows.map(({ name, digest }) => [`table ${name}`, digest] as const)
      return Object.fromEntries([...ofRows, ...(await digestsOfKeys(redis))])
    },
    [Symbol.asyncDispose]: async () => redis?.disconnect(),
  }
}

async function digestsOfKeys(redis: Redis | null): Promise<[string, string][]> {
  if (redis === null) return []
  const keys = (await redis.keys('*')).sort()
  const watched = keys.filter(
    (key) => !Object.keys(keysThatMove).some((prefix) => key.startsWith(prefix)),
  )
  return Promise.all(
    watched.map(async (key): Promise<[string, string]> => {
      const dump = (await redis.dumpBuffer(key)) ?? Buffer.alloc(0)
      return [`key ${key}`, createHash('md5').update(dump).digest('hex')]
    }),
  )
}

/** What is not as it was, by name. */
export function changesBetween(before: Kept, after: Kept): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'not there'} became ${after[name] ?? 'not there'}`)
}
