/**
 * Two whole regions over HTTP: servers with a Redis each and one database, the worker that follows,
 * seat maps where the event is not sold, and a fan who gets a lost hold back.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFreePort } from '../../regions/local/free-port.ts'
import { AvailabilityElsewhere } from '../../server/application/availability-elsewhere.ts'
import { eventAvailability } from '../../server/application/event-availability.ts'
import { readConfig } from '../../server/config.ts'
import { openRedis, whenReady } from '../../server/gateways/redis-hold-book/connection.ts'
import { bookKeys } from '../../server/gateways/redis-hold-book/keys.ts'
import { openRegionClient } from '../../server/open-following.ts'
import { type OpenedServices, openServices } from '../../server/open-services.ts'
import { openLogger } from '../../server/platform/logger.ts'
import { startTelemetry, type Telemetry } from '../../server/platform/telemetry.ts'
import type { Topology } from '../../server/platform/topology.ts'
import { startWorkers } from '../../server/start-workers.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { eventually } from '../support/eventually.ts'
import { goldenRegions } from '../support/golden.ts'
import { createTestRedis, redisMissing, type TestRedis } from '../support/redis.ts'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'

const [home, away] = ['us-east1', 'europe-west1']

describeUnless(redisMissing(), 'two regions over HTTP', () => {
  let seller: SaleSystem
  let topology: Topology
  let redis: TestRedis
  let telemetry: Telemetry
  let follower: OpenedServices
  let workers: AsyncDisposable
  beforeAll(async () => {
    seller = await openSaleSystem({ book: 'redis' })
    topology = topologyOf({ [home]: seller.url })
    redis = await createTestRedis()
    const config = readConfig({
      ...settingsOf(seller),
      REGION: away,
      REDIS_URL: redis.url,
    })
    telemetry = await startTelemetry({ host: '127.0.0.1', port: await findFreePort() })
    const log = openLogger({ level: 'silent', region: away })
    follower = await openServices({ ...config, topology }, { log, telemetry })
    follower.services.authorities.heard(home, { serverRegion: home, epoch: 1 })
    workers = startWorkers(follower.services, follower.authority, null)
  })
  afterAll(async () => {
    await workers[Symbol.asyncDispose]()
    await follower[Symbol.asyncDispose]()
    await telemetry[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
    await seller[Symbol.asyncDispose]()
  })

  const status = () => {
    const all = follower.services.following?.table.followStatus() ?? []
    return all.find((one) => one.home === home)
  }
  const free = async (event: string) => {
    const seen = await eventAvailability(follower.services, { event: event as never })
    const [section] = seen.sections
    return { free: section?.free, asOfMs: seen.asOfMs }
  }

  it('copies what the other one holds, and shows seat maps from the copy, as old as they are', async () => {
    await eventually(() => status()?.state === 'following', { what: 'the worker follows' })
    const event = await seller.newEvent()
    // Nobody has asked for its book yet: SQL knows that all is free.
    expect((await free(event)).free).toBe(40)
    const fan = await seller.fan('ann')
    const seats = { kind: 'units' as const, units: [0, 1, 2] }
    await fan.holds.place.mutate({ event, key: randomUUID(), seats })
    await eventually(async () => (await free(event)).free === 37, { what: 'the hold is seen' })
    const { asOfMs } = await free(event)
    expect(Date.now() - asOfMs).toBeGreaterThanOrEqual(0)
    expect(Date.now() - asOfMs).toBeLessThan(10_000)
    expect(status()?.lagMs).toBeLessThan(10_000)
    const metrics = await (await fetch(`http://127.0.0.1:${telemetry.port}/metrics`)).text()
    expect(metrics).toMatch(new RegExp(`frontrow_follow_lag_seconds\\{.*home="${home}"`))
  })

  it('asks the authority while it has no copy, and SQL when nobody answers', async () => {
    const event = await seller.newEvent()
    const fan = await seller.fan('bea')
    const seats = { kind: 'units' as const, units: [5, 6] }
    const held = await fan.holds.place.mutate({ event, key: randomUUID(), seats })
    const { following, replication, authorities } = follower.services
    if (following === null || replication === null) throw new Error('it follows')
    const view = await follower.services.events.get(event as never)
    if (view === null) throw new Error('the event is known')
    const without = (caller: typeof following.caller) =>
      new AvailabilityElsewhere({
        copies: { bitmap: async () => null },
        caller,
        authorities,
        snapshot: (scope) => readInventorySnapshot(follower.services.db, scope, 'elsewhere'),
        clock: follower.services.clock,
      }).units(view.scope)
    expect((await without(following.caller)).bitmap[1]).toBe(0b00_01_01_00)
    const nobody = await openRegionClient({
      ...readConfig({ ...settingsOf(seller), REGION: away }),
      topology: topologyOf({ [home]: 'http://127.0.0.1:1' }),
    })
    if (nobody === null) throw new Error('it has keys')
    expect((await without(nobody)).bitmap[1]).toBe(0)
    nobody.close()
    await fan.holds.release.mutate({ event, hold: held.id })
  })

  it('gives a lost hold back to whoever shows its token, and to nobody else', async () => {
    const event = await seller.newEvent({ limitPerBuyer: 4 })
    const [cleo, dan] = [await seller.fan('cleo'), await seller.fan('dan')]
    const place = (units: number[], fan = cleo) => {
      const seats = { kind: 'units' as const, units }
      return fan.holds.place.mutate({ event, key: randomUUID(), seats })
    }
    const lost = await place([10, 11])
    const taken = await place([12])
    const living = await place([13])
    // Lost one by one, as the copy that a region went on from may have lacked them.
    await forget(event, [lost.id, taken.id])
    await place([12], dan)
    const back = await cleo.holds.reclaim.mutate({ holdToken: lost.token })
    expect(back).toMatchObject({ id: lost.id, event })
    expect(Date.parse(back.expiresAt)).toBeLessThanOrEqual(Date.parse(lost.expiresAt) + 1_500)
    expect(await cleo.holds.get.query({ event, hold: lost.id })).toMatchObject({ id: lost.id })
    expect(await cleo.holds.reclaim.mutate({ holdToken: back.token })).toMatchObject({
      id: lost.id,
    })
    expect(await cleo.holds.reclaim.mutate({ holdToken: living.token })).toMatchObject({
      id: living.id,
    })
    await expect(cleo.holds.reclaim.mutate({ holdToken: taken.token })).rejects.toMatchObject(
      refusedWith('SEATS_TAKEN'),
    )
    await expect(dan.holds.reclaim.mutate({ holdToken: lost.token })).rejects.toMatchObject(
      refusedWith('HOLD_TOKEN_INVALID'),
    )
    await expect(cleo.holds.reclaim.mutate({ holdToken: 'e30.e30.x' })).rejects.toMatchObject(
      refusedWith('HOLD_TOKEN_INVALID'),
    )
    await cleo.holds.release.mutate({ event, hold: lost.id })
    await expect(cleo.holds.reclaim.mutate({ holdToken: lost.token })).rejects.toMatchObject(
      refusedWith('HOLD_EXPIRED'),
    )
  })

  it('does not give back what the limit forbids by now, nor what has run out', async () => {
    const event = await seller.newEvent({ limitPerBuyer: 2 })
    const emma = await seller.fan('emma')
    const place = (units: number[]) => {
      const seats = { kind: 'units' as const, units }
      return emma.holds.place.mutate({ event, key: randomUUID(), seats })
    }
    const lost = await place([1, 2])
    await forget(event, [lost.id])
    await place([3])
    await expect(emma.holds.reclaim.mutate({ holdToken: lost.token })).rejects.toMatchObject(
      refusedWith('LIMIT_REACHED'),
    )
    const { holdTokens } = follower.services
    const known = await holdTokens.verify(lost.token)
    if (known === null) throw new Error('all regions share the secret')
    const over = await holdTokens.sign({ ...known, expiresInMs: -1_000 })
    await expect(emma.holds.reclaim.mutate({ holdToken: over })).rejects.toMatchObject(
      refusedWith('HOLD_EXPIRED'),
    )
  })

  it('opens no book of its own for what another region sells', async () => {
    const direct = openRedis({ url: redis.url, onError: () => undefined })
    await whenReady(direct, 10_000)
    expect(await direct.keys('frontrow:copy:*')).not.toEqual([])
    expect(await direct.keys('frontrow:{*')).toEqual([])
    expect(await direct.keys('frontrow:changes:*')).toEqual([])
    direct.disconnect()
  })

  it('shows the copy while nobody answers, says how old it is, and that it cannot follow', async () => {
    const event = await seller.newEvent()
    const fan = await seller.fan('fred')
    const seats = { kind: 'units' as const, units: [0] }
    await fan.holds.place.mutate({ event, key: randomUUID(), seats })
    await eventually(async () => (await free(event)).free === 39, { what: 'the hold is seen' })
    // Its new authority is a region without an address.
    follower.services.authorities.heard(home, { serverRegion: 'asia-southeast1', epoch: 2 })
    await eventually(() => status()?.state === 'failing', { what: 'it cannot follow' })
    expect(status()).toMatchObject({ epoch: 2, position: null, lagMs: null })
    const seen = await free(event)
    expect(seen.free).toBe(39)
    expect((await free(event)).asOfMs).toBe(seen.asOfMs)
  })

  /** The book loses these holds without a trace. */
  async function forget(event: string, lost: readonly string[]): Promise<void> {
    const direct = openRedis({ url: seller.redis?.url ?? '', onError: () => undefined })
    await whenReady(direct, 10_000)
    const keys = bookKeys({ event: event as never, epoch: 1 })
    for (const id of lost) {
      const { buyer, units } = JSON.parse((await direct.hget(keys.records, id)) ?? '{}') as {
        buyer: string
        units: number[]
      }
      await direct.hdel(keys.records, id)
      await direct.zrem(keys.due, id)
      await direct.hincrby(keys.counts, buyer, -units.length)
      for (const unit of units) {
        await direct.hdel(keys.owners, String(unit))
        await direct.bitfield(keys.bitmap, 'SET', 'u2', `#${unit}`, 0)
      }
    }
    direct.disconnect()
  }
})

const refusedWith = (code: string) => ({ data: { refusal: { code } } })

/** Those of the seller, whose keys and secrets all regions share. */
function settingsOf({ config }: SaleSystem): Record<string, string> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const named = [
    'DATABASE_URL',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_API_URL',
    'TICKET_KEYS',
    'ACCESS_SIGNING_KEYS',
    'ACCESS_ISSUER',
    'REGION_CALL_KEYS',
    'HOLD_TOKEN_SECRET',
    'ACCOUNTS_SECRET',
    'ACCOUNTS_DIRECTORY_SECRET',
  ] as const
  const shared = named.flatMap((name) =>
    config[name] === undefined ? [] : [[name, text(config[name])] as const],
  )
  const keys = Object.fromEntries(config.REGION_CALL_PUBLIC_KEYS ?? [])
  return {
    ...Object.fromEntries(shared),
    REGION_CALL_PUBLIC_KEYS: JSON.stringify(keys),
    REGIONS: goldenRegions.map(({ name, code }) => `${name}=${code}`).join(','),
    LOG_LEVEL: 'silent',
    MIGRATE: '0',
  }
}

function topologyOf(addresses: Readonly<Record<string, string>>): Topology {
  return {
    regions: goldenRegions.map(({ name, code }) => ({
      name,
      code,
      publicUrl: addresses[name] ?? 'http://127.0.0.1:1',
      internalUrls: addresses[name] === undefined ? [] : [addresses[name]],
      latitude: 0,
      longitude: 0,
      standIns: [],
    })),
    lease: { lengthMs: 3_000, heartbeatMs: 1_000 },
    roundTripsMs: {},
  }
}
