/** Leases on a real database: renewed, taken over and handed on by compare-and-set, never twice. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeaseBook } from '../../server/domain/authority.ts'
import { findAuthority } from '../../server/stores/authority.ts'
import { markDrained, sqlLeaseBook, unmarkDrained } from '../../server/stores/region-leases.ts'
import { startOrders } from '../../server/stores/sale/start-orders.ts'
import {
  epoch as firstEpoch,
  groupToStart,
  openStores,
  orderOf,
  ordersOf,
  type Stores,
} from '../sale/stores-under-test.ts'
import { region as home } from '../support/sale-system.ts'

const lengthMs = 3_000
const [one, other] = ['europe-west1', 'asia-southeast1'] as const

let stores: Stores
let leases: LeaseBook
beforeAll(async () => {
  stores = await openStores()
  leases = sqlLeaseBook(stores.db)
})
afterAll(() => stores[Symbol.asyncDispose]())

/** The home region has its own authority again, under the epoch that stores-under-test expects. */
beforeEach(async () => {
  await stores.sql('delete from region_leases')
  await stores.sql('update authority set server_region = region, epoch = $1', [firstEpoch])
  await leases.begin(home)
})

const claimOf = (region: string, epoch: number) => ({ home, region, epoch, lengthMs })
const runOut = () => stores.sql(`update region_leases set expires_at = now() - interval '1 ms'`)

describe('a lease', () => {
  it('is none where no authority ever was', async () => {
    await stores.sql('delete from region_leases')
    expect(await leases.find(home)).toBeNull()
  })

  it('begins run out, with the home region as its own authority, and only once', async () => {
    await leases.begin(home)
    const lease = await leases.find(home)
    expect(lease).toMatchObject({ serverRegion: home, epoch: firstEpoch })
    expect(lease?.leftMs).toBeLessThanOrEqual(0)
  })

  it('is renewed by who has it, under its epoch, and by nobody else', async () => {
    expect(await leases.renew(claimOf(home, firstEpoch))).toBe(true)
    const lease = await leases.find(home)
    expect(lease?.leftMs).toBeGreaterThan(0)
    expect(lease?.leftMs).toBeLessThanOrEqual(lengthMs)
    expect(await leases.renew(claimOf(one, firstEpoch))).toBe(false)
    expect(await leases.renew(claimOf(home, firstEpoch + 1))).toBe(false)
  })

  it('is not taken over while it lives', async () => {
    await leases.renew(claimOf(home, firstEpoch))
    expect(await leases.takeOver(claimOf(one, firstEpoch))).toBeNull()
    expect(await findAuthority(stores.db, home)).toEqual({ serverRegion: home, epoch: firstEpoch })
  })

  it('is taken over once it has run out: authority, epoch and lease change together', async () => {
    await runOut()
    expect(await leases.takeOver(claimOf(one, firstEpoch))).toBe(firstEpoch + 1)
    expect(await findAuthority(stores.db, home)).toEqual({
      serverRegion: one,
      epoch: firstEpoch + 1,
    })
    expect(await leases.find(home)).toMatchObject({ serverRegion: one, epoch: firstEpoch + 1 })
    expect(await leases.renew(claimOf(home, firstEpoch)), 'the old one is over').toBe(false)
  })

  it('is taken by one of twenty who try at once', async () => {
    await runOut()
    const tries = Array.from({ length: 20 }, (_, at) =>
      leases.takeOver(claimOf(at % 2 === 0 ? one : other, firstEpoch)),
    )
    const taken = (await Promise.all(tries)).filter((epoch) => epoch !== null)
    expect(taken).toEqual([firstEpoch + 1])
    expect((await findAuthority(stores.db, home))?.epoch).toBe(firstEpoch + 1)
  })

  it('is either renewed or taken over when both are tried at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { epoch = 0, serverRegion = home } = (await findAuthority(stores.db, home)) ?? {}
      await runOut()
      const next = serverRegion === one ? other : one
      const [renewed, taken] = await Promise.all([
        leases.renew(claimOf(serverRegion, epoch)),
        leases.takeOver(claimOf(next, epoch)),
      ])
      // Renewed first and then not lapsed any more; or taken first and then not theirs any more.
      expect([renewed, taken !== null].filter(Boolean)).toHaveLength(1)
    }
  })

  it('is handed on by who has it, to begin at once, and by nobody else', async () => {
    await leases.renew(claimOf(home, firstEpoch))
    expect(await leases.handOver(claimOf(one, firstEpoch), other)).toBeNull()
    expect(await leases.handOver(claimOf(home, firstEpoch), one)).toBe(firstEpoch + 1)
    expect((await leases.find(home))?.leftMs).toBeGreaterThan(0)
    expect(await leases.handOver(claimOf(home, firstEpoch), other)).toBeNull()
  })

  it('says which regions take none', async () => {
    await markDrained(stores.db, one)
    await markDrained(stores.db, one)
    expect([...(await leases.drained())]).toEqual([one])
    await unmarkDrained(stores.db, one)
    expect((await leases.drained()).size).toBe(0)
  })
})

describe('a sale under an old epoch', () => {
  it('writes nothing once the authority has moved', async () => {
    const event = await stores.newEvent()
    await runOut()
    await leases.takeOver(claimOf(one, firstEpoch))
    const before = await stores.checksum()
    const late = startOrders(stores.db, groupToStart(event, ordersOf(event, 1)))
    await expect(late).rejects.toMatchObject({ name: 'GuardFailedError' })
    expect(await stores.checksum()).toBe(before)
  })

  it('comes before the takeover or not at all, a hundred times', async () => {
    const event = await stores.newEvent()
    for (let round = 0; round < 100; round += 1) {
      const { epoch = 0 } = (await findAuthority(stores.db, home)) ?? {}
      await runOut()
      const group = { ...groupToStart(event, ordersOf(event, 1)), epoch }
      const [sale, taken] = await Promise.allSettled([
        startOrders(stores.db, group),
        leases.takeOver(claimOf(round % 2 === 0 ? one : other, epoch)),
      ])
      expect(taken).toMatchObject({ status: 'fulfilled', value: epoch + 1 })
      const [{ count } = { count: '' }] = await stores.sql<{ count: string }>(
        'select count(*) from orders where id = any($1)',
        [group.orders.map((order) => order.id)],
      )
      expect(Number(count)).toBe(sale.status === 'fulfilled' ? 1 : 0)
      const late = groupToStart(event, [orderOf(event, [100 + (round % 100)])])
      const again = startOrders(stores.db, { ...late, epoch })
      await expect(again).rejects.toMatchObject({ name: 'GuardFailedError' })
      await stores.sql(`update claims set state = 'free', order_id = null, expires_at = null`)
    }
  })
})
