/** The Redis book with everything real below it, as two servers of one region see it. */
import type { Redis } from 'ioredis'
import { openRedis, whenReady } from '../../server/gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from '../../server/gateways/redis-hold-book/redis-hold-book.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { createTestRedis, type TestRedis } from '../support/redis.ts'
import { openBacking } from './backing.ts'
import type { BookUnderTest } from './contract.ts'

export type RedisUnderTest = BookUnderTest & {
  readonly process: TestRedis
  readonly redis: Redis
  /** Times that an event was read from SQL, by both servers. */
  readonly loads: () => number
}

export async function openRedisUnderTest(
  options: { readonly memoryMs?: number } = {},
): Promise<RedisUnderTest> {
  const backing = await openBacking()
  const process = await createTestRedis()
  let lost = 0
  let loads = 0
  const server = async () => {
    const redis = openRedis({ url: process.url, onError: () => undefined })
    await whenReady(redis, 10_000)
    const load = (scope: Parameters<typeof readInventorySnapshot>[1]) => {
      loads += 1
      return readInventorySnapshot(backing.db, scope, 'fresh')
    }
    const onChoiceLost = () => {
      lost += 1
    }
    return {
      redis,
      book: new RedisHoldBook({ redis, load, random: systemRandom, onChoiceLost, ...options }),
    }
  }
  const [one, two] = [await server(), await server()]
  return {
    backing,
    process,
    redis: one.redis,
    book: one.book,
    other: two.book,
    choicesLost: () => lost,
    loads: () => loads,
    async [Symbol.asyncDispose]() {
      one.redis.disconnect()
      two.redis.disconnect()
      await process[Symbol.asyncDispose]()
      await backing[Symbol.asyncDispose]()
    },
  }
}
