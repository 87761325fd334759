/**
 * Each fault of a local system: it is set, seen from outside, felt and healed, and setting it or
 * healing it twice changes nothing. One story over two regions, because a start costs seconds.
 */
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { preloadOfClocks } from '../../chaos/clock/clock-file.ts'
import type { Fault } from '../../chaos/faults/fault.ts'
import { type FaultMaker, NotHereError } from '../../chaos/faults/fault-maker.ts'
import { localFaults, type StruckFaults } from '../../chaos/faults/local-faults.ts'
import { isReady } from '../../chaos/faults/look.ts'
import { atRedis } from '../../chaos/faults/redis-client.ts'
import { prepareOldVersion } from '../../chaos/old-version.ts'
import { type LocalSystem, startLocal } from '../../regions/local/start-local.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless, skipUnless } from '../support/skip.ts'

const us = 'us-east1'
const eu = 'europe-west1'
const startTimeoutMs = 120_000
/** A server or two are started. */
const restarts = { timeout: 180_000 }
const notOurs = () => {
  throw new NotHereError('made elsewhere')
}
const struck: StruckFaults = {
  databaseKilled: notOurs,
  databaseStalled: notOurs,
  databaseStruck: notOurs,
  stripeDown: notOurs,
  stripeRule: notOurs,
}

let folder = ''
let system: LocalSystem
let make: FaultMaker

function region(name: string) {
  const found = system.regions[name]
  if (found === undefined) throw new Error(`no region ${name}`)
  return found
}

const answers = (name: string) => isReady(region(name))
const redisOf = <Answer>(talk: Parameters<typeof atRedis<Answer>>[1]) => atRedis(region(eu), talk)

/** Set, set again, looked at, healed, healed again. @returns how often it was felt */
async function live(fault: Fault, whileSet: () => Promise<void>): Promise<number> {
  expect(await fault.isHealed(), `${fault.said}: before`).toBe(true)
  await fault.inject()
  try {
    await fault.inject()
    await whileSet()
  } finally {
    await fault.heal()
  }
  await eventually(fault.isHealed, { what: `${fault.said}: is healed`, timeoutMs: 30_000 })
  await fault.heal()
  expect(await fault.isHealed(), `${fault.said}: healed twice`).toBe(true)
  return await fault.felt()
}

describeUnless(redisMissing(), 'the faults of a local system, one after the other', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frontrow-faults-'))
    const { PATH, HOME } = process.env
    system = await startLocal({
      dataFolder: join(folder, 'data'),
      regions: 2,
      latency: false,
      preload: preloadOfClocks(join(folder, 'clocks')),
      environment: { PATH, HOME, LOG_LEVEL: 'info' },
    })
    make = localFaults(system, struck)
  }, startTimeoutMs)

  afterAll(async () => {
    await system?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('refuses what is not there, before anything is harmed', () => {
    expect(() => make.regionLost('atlantis')).toThrow(NotHereError)
    expect(() => make.redisFull('atlantis')).toThrow('There is no region atlantis here')
    const without = { ...system, regions: { [eu]: { ...region(eu), preload: [] } } }
    expect(() => localFaults(without, struck).clockShifted(eu, 'frozen')).toThrow(NotHereError)
  })

  describe('of processes', () => {
    it('a server that is killed is started again', restarts, async () => {
      const { server } = region(eu).pids
      const fault = make.serverKilled(eu)
      await fault.inject()
      expect(await fault.isHealed()).toBe(false)
      await fault.heal()
      expect(await fault.isHealed()).toBe(true)
      expect(region(eu).pids.server).not.toBe(server)
      expect(await fault.felt()).toBeGreaterThan(0)
    })

    it('a server sleeps, and its Redis does not', async () => {
      const felt = await live(make.serverPaused(eu), async () => {
        expect(await answers(eu)).toBe(false)
        expect(await redisOf((redis) => redis.ping())).toBe('PONG')
      })
      expect(felt).toBeGreaterThan(0)
      await eventually(() => answers(eu), { what: 'it answers' })
    })

    it('a region sleeps as a whole', async () => {
      const felt = await live(make.regionPaused(eu), async () => {
        expect(await answers(eu)).toBe(false)
        await expect(redisOf((redis) => redis.ping())).rejects.toThrow()
      })
      expect(felt).toBeGreaterThan(0)
      await eventually(() => answers(eu), { what: 'it answers' })
    })

    it('a region is lost, and comes back', restarts, async () => {
      const felt = await live(make.regionLost(eu), async () => {
        expect(await answers(eu)).toBe(false)
        expect(region(eu).pids).toEqual({ server: null, redis: null })
        expect(await system.links?.isHealed()).toBe(false)
      })
      expect(felt).toBeGreaterThan(0)
      expect(await system.links?.isHealed()).toBe(true)
    })

    it('a server stops in order and starts again', restarts, async () => {
      const { server, redis } = region(us).pids
      const answer = await fetch(`${system.controlUrl}/regions/${us}/restart`, { method: 'POST' })
      expect(await answer.json()).toMatchObject({ state: 'up' })
      expect(region(us).pids.server).not.toBe(server)
      expect(region(us).pids.redis).toBe(redis)
      expect(await answers(us)).toBe(true)
    })

    it('a server runs as an older version', restarts, async (context) => {
      const old = await prepareOldVersion().catch((error: unknown) => {
        if (error instanceof NotHereError) return error
        throw error
      })
      skipUnless(context, old instanceof NotHereError ? old.message : null)
      if (old instanceof NotHereError) return
      await using version = old
      const felt = await live(make.serverOldVersion(eu, version.folder), async () => {
        expect(await answers(eu)).toBe(true)
        await fetch(`${region(eu).url}/trpc/events.list`)
      })
      expect(felt).toBeGreaterThan(0)
      expect(await answers(eu)).toBe(true)
    })
  })

  it('refuses an older version that nobody knows', async () => {
    await expect(prepareOldVersion('no-such-version')).rejects.toThrow(NotHereError)
  })

  describe('of links', () => {
    it('one is cut, and two carry nothing', async () => {
      const url = region(us).fanUrls[eu] ?? ''
      const called = () => fetch(`${url}/livez`, { signal: AbortSignal.timeout(1_000) })
      const cut = make.link([`fans-of-${us}/${eu}`], { kind: 'cut' })
      const feltCut = await live(cut, () => expect(called()).rejects.toThrow())
      expect(feltCut).toBeGreaterThan(0)
      const silent = make.link([`${us}/${eu}`, `*/${eu}`], { kind: 'black-hole' })
      const feltSilence = await live(silent, () => expect(called()).rejects.toThrow())
      expect(feltSilence).toBeGreaterThan(0)
      expect((await called()).ok).toBe(true)
    })

    it('are not felt by those who do not use them', async () => {
      const unused = make.link([`fans-of-${eu}/${us}`], { kind: 'late', byMs: 50 })
      expect(await live(unused, async () => undefined)).toBe(0)
    })
  })

  describe('of Redis', () => {
    it('it is killed, and comes back with what it had', async () => {
      await redisOf((redis) => redis.set('drill:kept', 'yes'))
      const fault = make.redisKilled(eu)
      const { redis } = region(eu).pids
      await fault.inject()
      expect(await fault.isHealed()).toBe(false)
      await fault.heal()
      expect(await fault.isHealed()).toBe(true)
      expect(region(eu).pids.redis).not.toBe(redis)
      expect(await fault.felt()).toBeGreaterThan(0)
      expect(await redisOf((client) => client.get('drill:kept'))).toBe('yes')
    })

    it('it loses all', async () => {
      const fault = make.redisWiped(eu)
      await fault.inject()
      expect(await redisOf((redis) => redis.get('drill:kept'))).toBeNull()
      expect(await fault.felt()).toBeGreaterThan(0)
      expect(await fault.isHealed()).toBe(true)
    })

    it('it sleeps', async () => {
      const felt = await live(make.redisPaused(eu), async () => {
        await expect(redisOf((redis) => redis.ping())).rejects.toThrow()
      })
      expect(felt).toBeGreaterThan(0)
    })

    it('it is full, and says so to whoever writes', async () => {
      const felt = await live(make.redisFull(eu), async () => {
        await expect(redisOf((redis) => redis.set('drill:more', 'x'))).rejects.toThrow('OOM')
        await redisOf((redis) => redis.get('drill:more'))
      })
      expect(felt).toBeGreaterThan(0)
      expect(await redisOf((redis) => redis.set('drill:more', 'x'))).toBe('OK')
    })

    it('its books forget who has sold places, each in its newest epoch', async () => {
      const book = (epoch: string) => `frontrow:{drill}:${epoch}:`
      const [former, newest, prepared] = [book('9'), book('12'), book('13:loading:token')]
      await redisOf(async (redis) => {
        for (const prefix of [former, newest, prepared]) {
          for (const unit of ['#0', '#1']) {
            await redis.bitfield(`${prefix}bitmap`, 'SET', 'u2', unit, 2)
          }
          await redis.hset(`${prefix}owners`, { 0: 'ord_0', 1: 'ord_1' })
        }
      })
      const soldIn = (prefix: string) =>
        redisOf((redis) => redis.hkeys(`${prefix}owners`).then((units) => units.sort()))
      const fault = make.redisWrongBook(eu, 0.01)
      const felt = await live(fault, async () => {
        expect(await fault.isHealed()).toBe(false)
        expect(await soldIn(newest)).toEqual(['1'])
      })
      expect(felt).toBe(1)
      expect(await redisOf((redis) => redis.exists(`${newest}bitmap`, `${newest}owners`))).toBe(0)
      for (const other of [former, prepared]) expect(await soldIn(other)).toEqual(['0', '1'])
      await redisOf((redis) => redis.flushall())
    })

    it('a book that is a former one by then is left to its expiry', async () => {
      const keys = ['1', '2'].map((epoch) => `frontrow:{drill}:${epoch}:`)
      const [former = '', later = ''] = keys
      const sell = (prefix: string) =>
        redisOf(async (redis) => {
          await redis.bitfield(`${prefix}bitmap`, 'SET', 'u2', '#0', 2)
          await redis.hset(`${prefix}owners`, { 0: 'ord_0' })
        })
      await sell(former)
      expect(await live(make.redisWrongBook(eu, 1), () => sell(later))).toBe(1)
      expect(await redisOf((redis) => redis.exists(...keys.map((key) => `${key}bitmap`)))).toBe(2)
      expect(await redisOf((redis) => redis.hget(`${later}owners`, '0'))).toBe('ord_0')
      await redisOf((redis) => redis.flushall())
    })

    it('it comes back with old data', async () => {
      await redisOf((redis) => redis.mset('drill:a', 'old', 'drill:b', 'old'))
      const fault = make.redisOldData(eu)
      const felt = await live(fault, async () => {
        await redisOf((redis) => redis.multi().set('drill:a', 'new').del('drill:b').exec())
        await redisOf((redis) => redis.set('drill:c', 'new'))
        expect(await fault.isHealed()).toBe(false)
      })
      const keys = ['drill:a', 'drill:b', 'drill:c']
      expect(await redisOf((redis) => redis.mget(keys))).toEqual(['old', 'old', null])
      expect(felt).toBeGreaterThanOrEqual(3)
      expect(existsSync(join(region(eu).redisFolder, 'old-data'))).toBe(false)
    })
  })

  describe('of a server from inside', () => {
    const dateOf = async () =>
      Date.parse((await fetch(`${region(eu).url}/livez`)).headers.get('date') ?? '')

    it('its clock jumps, and stands still', async () => {
      const hourMs = 3_600_000
      const felt = await live(make.clockShifted(eu, { byMs: -hourMs }), async () => {
        expect(Math.abs((await dateOf()) + hourMs - Date.now())).toBeLessThan(5_000)
        await eventually(async () => !(await answers(eu)), { what: 'it steps aside' })
        expect(await answers(us)).toBe(true)
      })
      expect(felt).toBeGreaterThan(0)
      await eventually(() => answers(eu), { what: 'its clock is right again' })
      await live(make.clockShifted(eu, 'frozen'), async () => {
        const first = await dateOf()
        await eventually(() => Date.now() - first > 2_500, { what: 'time goes on for us' })
        expect(await dateOf()).toBe(first)
      })
      await eventually(() => answers(eu), { what: 'its clock goes on' })
    })

    it('its log takes nothing, and it answers', async () => {
      const size = () => statSync(region(eu).logFile).size
      // A restart of Redis is logged by every server that has a connection to it.
      const loses = async () => {
        await region(eu).crash('redis')
        return (await fault.felt()) > 0
      }
      const fault = make.logFull(eu)
      let full = 0
      const felt = await live(fault, async () => {
        full = size()
        await eventually(loses, { what: 'lines are lost' })
        expect(size()).toBe(full)
        await eventually(() => answers(eu), { what: 'it answers' })
      })
      expect(felt).toBeGreaterThan(0)
      await region(eu).crash('redis')
      await eventually(() => size() > full, { what: 'the log takes lines again' })
      await make.redisKilled(eu).heal()
    })
  })
})
