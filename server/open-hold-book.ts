/** Opens the hold book: in Redis where one is configured, else in SQL. Wiring only. */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { HoldBook } from './domain/hold-book.ts'
import { openRedis, whenReady } from './gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from './gateways/redis-hold-book/redis-hold-book.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Database } from './stores/database.ts'
import { readInventorySnapshot } from './stores/inventory-snapshot.ts'
import { SqlHoldBook } from './stores/sql-hold-book/sql-hold-book.ts'

export type OpenedBook = {
  readonly holdBook: HoldBook
  readonly alive: () => boolean
  readonly close: () => void
}

/** @throws Error when a configured Redis does not answer */
export async function openHoldBook(
  config: Config,
  { db, writesAtOnce }: { readonly db: Database; readonly writesAtOnce: number },
  { log, telemetry }: { readonly log: Logger; readonly telemetry: Telemetry },
): Promise<OpenedBook> {
  if (config.REDIS_URL === undefined) {
    const book = new SqlHoldBook({ db, writesAtOnce })
    return { holdBook: book, alive: () => true, close: () => undefined }
  }
  const redis = openRedis({
    url: config.REDIS_URL,
    onError: (err) => log.warn({ err }, 'the connection to Redis broke'),
  })
  await whenReady(redis, limits.connectTimeoutMs)
  const load = (scope: Parameters<typeof readInventorySnapshot>[1]) =>
    readInventorySnapshot(db, scope, 'rebuild')
  return {
    holdBook: new RedisHoldBook({
      redis,
      load,
      random: systemRandom,
      operation: telemetry.operation,
    }),
    alive: () => redis.status === 'ready',
    close: () => redis.disconnect(),
  }
}
