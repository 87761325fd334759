/**
 * The Redis of a region comes back with the data of an earlier moment, as from a backup, or from a
 * disk that was put back. What it has is copied when the fault is set; healing it is the harm: it
 * is killed, the copy is put in the place of its data, and it is started again.
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import { grown, settled } from './look.ts'
import { atRedis, infoOf, redisAnswers } from './redis-client.ts'
import { redisRegion } from './redis-faults.ts'

const copyFolder = 'old-data'
/** Redis 7 has a folder of files and what joins them, older ones a single file. */
const dataParts = ['appendonlydir', 'appendonly.aof'] as const
const rewriteSetting = 'auto-aof-rewrite-percentage'

/** Felt: changes that were done since the copy, and are undone. */
export function redisOldData(system: LocalSystem, name: string): Fault {
  const region = redisRegion(system, name)
  const copy = join(region.redisFolder, copyFolder)
  let before = 0
  let felt = 0
  return {
    kind: 'redis.old-data',
    where: `${name}/redis`,
    said: `Redis of ${name} comes back with the data of now`,
    inject: async () => {
      if (existsSync(copy)) return
      felt = 0
      before = await keepCopy(region, copy)
    },
    heal: async () => {
      if (!existsSync(copy)) return
      felt = grown(before, await atRedis(region, changesOf))
      await region.restartRedis(() => putBack(region, copy))
      await settled(`Redis of ${name} answers again`, () => redisAnswers(region))
    },
    isHealed: async () => !existsSync(copy) && (await redisAnswers(region)),
    felt: async () => felt,
  }
}

/** Nothing resets this count in a Redis that saves no snapshots. */
function changesOf(redis: Redis): Promise<number> {
  return infoOf(redis, 'persistence', /rdb_changes_since_last_save:(\d+)/)
}

/**
 * A copy of append-only data is whole as long as no rewrite runs beside it.
 * https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/#backing-up-aof-persistence
 * @returns how many changes Redis had counted before
 */
async function keepCopy(region: DrillRegion, copy: string): Promise<number> {
  return await atRedis(region, async (redis) => {
    const usual = (await redis.config('GET', rewriteSetting))[1] ?? '100'
    await redis.config('SET', rewriteSetting, '0')
    try {
      const rewrites = /aof_rewrite_(?:in_progress|scheduled):(1)/
      await settled('no rewrite runs', async () => {
        return (await infoOf(redis, 'persistence', rewrites)) === 0
      })
      const changes = await changesOf(redis)
      const fresh = `${copy}.new`
      await rm(fresh, { recursive: true, force: true })
      await mkdir(fresh)
      for (const part of dataParts) {
        const from = join(region.redisFolder, part)
        if (existsSync(from)) await cp(from, join(fresh, part), { recursive: true })
      }
      await rename(fresh, copy)
      return changes
    } finally {
      await redis.config('SET', rewriteSetting, usual)
    }
  })
}

async function putBack({ redisFolder }: DrillRegion, copy: string): Promise<void> {
  for (const part of dataParts) {
    await rm(join(redisFolder, part), { recursive: true, force: true })
    const kept = join(copy, part)
    if (existsSync(kept)) await rename(kept, join(redisFolder, part))
  }
  await rm(copy, { recursive: true })
}
