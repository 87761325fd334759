/** What befalls the Redis of a region while its server lives. */
import type { Redis } from 'ioredis'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { asleepAt } from './asleep.ts'
import type { Fault } from './fault.ts'
import { NotHereError } from './fault-maker.ts'
import { grown, pidOf, portsOf, regionOf, settled, sleeps } from './look.ts'
import { atRedis, infoOf, redisAnswers } from './redis-client.ts'

/** One byte: below what any Redis uses. */
const hardlyAny = '1'

/** @throws NotHereError */
export function redisRegion(system: LocalSystem, name: string): DrillRegion {
  const region = regionOf(system, name)
  if (region.redisUrl !== null) return region
  throw new NotHereError(`${name} has no Redis here: its holds are kept in SQL.`)
}

/** Its keeper starts it again, over what it has on the disk. Felt: connections that ended with it. */
export function redisKilled(system: LocalSystem, name: string): Fault {
  const region = redisRegion(system, name)
  let felt = 0
  const isHealed = () => redisAnswers(region)
  return {
    ...about('redis.killed', name, 'is killed'),
    inject: async () => {
      if (region.pids.redis === null) return
      felt = await clientsOf(region)
      await region.crash('redis')
    },
    heal: async () => {
      // Of a region that is down all comes with its start.
      if (region.state !== 'down') await settled(`Redis of ${name} answers again`, isHealed)
    },
    isHealed,
    felt: async () => felt,
  }
}

/** There is nothing to heal: the system fills it again by itself. Felt: keys that were lost. */
export function redisWiped(system: LocalSystem, name: string): Fault {
  const region = redisRegion(system, name)
  let felt = 0
  return {
    ...about('redis.wiped', name, 'loses all that it knows'),
    inject: async () => {
      const answers = await atRedis(region, (redis) => redis.multi().dbsize().flushall().exec())
      felt = Number(answers?.[0]?.[1] ?? 0)
    },
    heal: async () => undefined,
    isHealed: () => redisAnswers(region),
    felt: async () => felt,
  }
}

/** Felt: connections that wait for it, because of what was said to it in its sleep. */
export function redisPaused(system: LocalSystem, name: string): Fault {
  const region = redisRegion(system, name)
  const asleep = asleepAt(() => portsOf(region).slice(1))
  const isAsleep = () => sleeps(region.pids.redis)
  return {
    ...about('redis.paused', name, 'sleeps'),
    inject: async () => {
      if (region.state !== 'up' || isAsleep()) return
      const pid = await pidOf(region, 'redis')
      asleep.begin(await clientsOf(region))
      process.kill(pid, 'SIGSTOP')
      await settled(`Redis of ${name} sleeps`, () => sleeps(pid))
    },
    heal: async () => {
      const { redis } = region.pids
      if (isAsleep()) asleep.look()
      // In a region that sleeps as a whole it goes on sleeping.
      if (redis !== null && region.state === 'up') process.kill(redis, 'SIGCONT')
    },
    isHealed: async () => !isAsleep() && (await redisAnswers(region)),
    felt: async () => (isAsleep() ? asleep.look() : asleep.most()),
  }
}

/** It takes no more writes, and answers reads. Felt: writes that it refused. */
export function redisFull(system: LocalSystem, name: string): Fault {
  const region = redisRegion(system, name)
  const refused = () => atRedis(region, refusedWrites)
  const maxMemory = () =>
    atRedis(region, async (redis) => (await redis.config('GET', 'maxmemory'))[1])
  const setTo = (bytes: string) =>
    atRedis(region, (redis) => redis.config('SET', 'maxmemory', bytes))
  let before = 0
  let known = 0
  const look = async () => {
    known = grown(before, await refused().catch(() => before + known))
    return known
  }
  return {
    ...about('redis.full', name, 'is full: it takes no more writes'),
    inject: async () => {
      if ((await maxMemory()) === hardlyAny) return
      before = await refused()
      await setTo(hardlyAny)
    },
    heal: async () => {
      // Of a region that is down, its start heals this too.
      if (region.state !== 'down') await setTo('0')
    },
    isHealed: async () => (await maxMemory().catch(() => undefined)) === '0',
    felt: look,
  }
}

/**
 * Up to Redis 6 a script that meets the bound is counted among all errors, later by its own name.
 * https://redis.io/docs/latest/commands/info/
 */
async function refusedWrites(redis: Redis): Promise<number> {
  const kinds = [/errorstat_OOM:count=(\d+)/, /errorstat_ERR:count=(\d+)/]
  const counts = await Promise.all(kinds.map((kind) => infoOf(redis, 'errorstats', kind)))
  return counts.reduce((sum, count) => sum + count, 0)
}

function about(kind: Fault['kind'], name: string, what: string) {
  return { kind, where: `${name}/redis`, said: `Redis of ${name} ${what}` }
}

/** Beside ours. */
async function clientsOf(region: DrillRegion): Promise<number> {
  return (await atRedis(region, (r) => infoOf(r, 'clients', /connected_clients:(\d+)/))) - 1
}
