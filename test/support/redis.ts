/**
 * A Redis of one's own: a throw-away server a call, which a test may kill and start again. Where
 * FRONTROW_TEST_REDIS_URL names a server, one of its 16 databases instead, emptied before and after.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { type LocalRedis, startRedis } from '../../regions/local/redis.ts'

const databases = 16
const databaseLeaseSeconds = 900

export type TestRedis = AsyncDisposable & {
  readonly url: string
  /** SIGKILL. What it knew is gone, unless it is durable. */
  readonly kill: () => Promise<void>
  /** Starts it again at the same address. */
  readonly start: () => Promise<void>
}

/** For `skipUnless` and `describeUnless`: why there is no Redis here, or null. */
export function redisMissing(): string | null {
  return inject('services').redisMissing
}

/** Empty at the start. `durable`: keeps its data over a kill, up to the last second. */
export async function createTestRedis({ durable = false } = {}): Promise<TestRedis> {
  const { redisUrl, folder } = inject('services')
  if (redisUrl !== null) return await borrowDatabase(redisUrl)
  const dataFolder = join(folder, `redis-${randomUUID()}`)
  let server = await startOwn({ dataFolder, durable })
  const { url, port } = server
  return {
    url,
    kill: async () => await server.kill(),
    start: async () => {
      server = await startOwn({ dataFolder, durable, port })
    },
    async [Symbol.asyncDispose]() {
      await server.kill()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function startOwn(options: Parameters<typeof startRedis>[0]): Promise<LocalRedis> {
  const server = await startRedis(options)
  if (server === null) throw new Error(redisMissing() ?? 'no Redis')
  return server
}

/** Database 0 keeps the leases by which parallel files stay apart. */
async function borrowDatabase(serverUrl: string): Promise<TestRedis> {
  const leases = new Redis(serverUrl)
  for (let index = 1; index < databases; index += 1) {
    const lease = `frontrow:test:database:${index}`
    const mine = await leases.set(lease, '1', 'EX', databaseLeaseSeconds, 'NX')
    if (mine === null) continue
    const url = new URL(serverUrl)
    url.pathname = `/${index}`
    await empty(url.href)
    return {
      url: url.href,
      kill: notOurs,
      start: notOurs,
      async [Symbol.asyncDispose]() {
        await empty(url.href)
        await leases.del(lease)
        leases.disconnect()
      },
    }
  }
  leases.disconnect()
  throw new Error('All databases of the Redis in FRONTROW_TEST_REDIS_URL are in use by tests')
}

async function empty(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  redis.disconnect()
}

async function notOurs(): Promise<void> {
  throw new Error('The Redis in FRONTROW_TEST_REDIS_URL is not ours to stop or start')
}
