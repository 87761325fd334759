/** Everything that is kept, as text under a name, to be searched for what must not be there. */
import { Redis } from 'ioredis'
import type { Sql } from '../support/sale-system.ts'

export type Place = { readonly name: string; readonly text: string }

/** One place for each column of each table that has something in it. */
export async function columnsOf(sql: Sql): Promise<Place[]> {
  const tables = await sql<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  )
  const places: Place[] = []
  for (const { name } of tables) {
    const rows = await sql<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from "${name}" as t`,
    )
    const columns = new Map<string, string[]>()
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        columns.set(column, [...(columns.get(column) ?? []), text])
      }
    }
    for (const [column, texts] of columns) {
      places.push({ name: `${name}.${column}`, text: texts.join('\n') })
    }
  }
  return places
}

/** One place for each key, with its own name in it. */
export async function keysOf(redisUrl: string): Promise<Place[]> {
  const redis = new Redis(redisUrl)
  try {
    const keys = await redis.keys('*')
    return await Promise.all(
      keys.map(async (key) => ({
        name: `redis ${key}`,
        text: `${key}\n${await valueOf(redis, key)}`,
      })),
    )
  } finally {
    redis.disconnect()
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key)
  const value: unknown =
    type === 'string'
      ? (await redis.getBuffer(key))?.toString('latin1')
      : type === 'hash'
        ? await redis.hgetall(key)
        : type === 'zset'
          ? await redis.zrange(key, '0', '-1')
          : type === 'set'
            ? await redis.smembers(key)
            : type === 'list'
              ? await redis.lrange(key, 0, -1)
              : type === 'stream'
                ? await redis.xrange(key, '-', '+')
                : null
  if (value === null || value === undefined) throw new Error(`${key} is a ${type}`)
  return JSON.stringify(value)
}
