/**
 * Which life of Redis this is. One that starts again from its disk has lost its last second and
 * counts on as if nothing had been: only its run's id tells.
 */
import type { Redis } from 'ioredis'

export async function runIdOf(redis: Redis): Promise<string> {
  const text = await redis.info('server')
  return /^run_id:(\w+)/m.exec(text)?.[1] ?? 'unknown'
}
