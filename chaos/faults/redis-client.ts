/** One short conversation with the Redis of a region, past the product. */
import { Redis } from 'ioredis'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'

const answerWithinMs = 2_000

/** @throws Error when it does not answer */
export async function atRedis<Answer>(
  { name, redisUrl }: DrillRegion,
  talk: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  if (redisUrl === null) throw new Error(`${name} has no Redis.`)
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: answerWithinMs,
    commandTimeout: answerWithinMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // What breaks is told by the command that meets it.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return await talk(redis)
  } finally {
    redis.disconnect()
  }
}

export async function redisAnswers(region: DrillRegion): Promise<boolean> {
  try {
    return await atRedis(region, async (redis) => (await redis.ping()) === 'PONG')
  } catch {
    return false
  }
}

/** A number of Redis' INFO; 0 when it is not there. */
export async function infoOf(redis: Redis, section: string, field: RegExp): Promise<number> {
  return Number(field.exec(await redis.info(section))?.[1] ?? 0)
}
