/** Opens the hold book: in Redis where one is configured, else in SQL. Wiring only. */
import type { Logger } from 'pino'
import type { Authorities } from './application/authorities.ts'
import { BookContents } from './application/book-content.ts'
import type { Services } from './application/services.ts'
import type { Config } from './config.ts'
import type { HoldBook, HoldScope } from './domain/hold-book.ts'
import { holdBookLimits } from './domain/hold-book-limits.ts'
import { openRedis, whenReady } from './gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from './gateways/redis-hold-book/redis-hold-book.ts'
import { RedisHoldCopies } from './gateways/redis-hold-book/redis-hold-copies.ts'
import { RedisHoldReplication } from './gateways/redis-hold-book/redis-hold-replication.ts'
import type { RegionClient } from './gateways/region-calls/region-client.ts'
import { openFollowing } from './open-following.ts'
import { systemClock } from './platform/clock.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Database } from './stores/database.ts'
import { readInventorySnapshot } from './stores/inventory-snapshot.ts'
import { SqlHoldBook } from './stores/sql-hold-book/sql-hold-book.ts'

export type OpenedBook = {
  readonly holdBook: HoldBook
  /** null with the SQL book, which all regions share. */
  readonly replication: Services['replication']
  readonly following: Services['following']
  readonly alive: () => boolean
  readonly close: () => void
}

type Parts = {
  readonly db: Database
  readonly authorities: Authorities
  /** null for a server that is alone. */
  readonly caller: RegionClient | null
  readonly writesAtOnce: number
}

type Ports = {
  readonly log: Logger
  readonly telemetry: Telemetry
}

/** @throws Error when a configured Redis does not answer */
export async function openHoldBook(
  config: Config,
  { db, authorities, caller, writesAtOnce }: Parts,
  { log, telemetry }: Ports,
): Promise<OpenedBook> {
  const { REDIS_URL: url } = config
  if (url === undefined) {
    const book = new SqlHoldBook({ db, writesAtOnce })
    const alone = { replication: null, following: null, close: () => undefined }
    return { holdBook: book, alive: () => true, ...alone }
  }
  const onError = (err: Error) => log.warn({ err }, 'the connection to Redis broke')
  const redis = openRedis({ url, onError })
  await whenReady(redis, limits.connectTimeoutMs)
  const { commandTimeoutMs, followWaitMs } = holdBookLimits
  const source = new RedisHoldReplication({
    redis,
    connect: () => openRedis({ url, onError, commandTimeoutMs: commandTimeoutMs + followWaitMs }),
    token: Buffer.from(systemRandom.bytes(8)).toString('hex'),
  })
  const copies = new RedisHoldCopies({ redis, random: systemRandom })
  const { topology } = config
  const following = { copies, authorities, db, caller, topology, telemetry }
  const contents = new BookContents({
    snapshot: (scope: HoldScope) => readInventorySnapshot(db, scope, 'fresh'),
    copies,
    own: source,
    caller,
    others: config.REGIONS.map(({ name }) => name).filter((name) => name !== config.REGION),
    clock: systemClock,
    count: telemetry.count,
  })
  return {
    holdBook: new RedisHoldBook({
      redis,
      load: (scope) => contents.of(scope),
      random: systemRandom,
      operation: telemetry.operation,
    }),
    replication: { source, copies },
    following: openFollowing(following),
    alive: () => redis.status === 'ready',
    close: () => {
      source.close()
      redis.disconnect()
    },
  }
}
