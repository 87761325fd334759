/**
 * Books that begin from copies: after a takeover, and after the authority's Redis was wiped. SQL is
 * a real database that has gone on selling meanwhile.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { holdBookLimits } from '../../server/domain/hold-book-limits.ts'
import { RegionCallError } from '../../server/domain/region-caller.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { type Backing, openBacking } from '../hold-book/backing.ts'
import { auditBook } from '../hold-book/redis-audit.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { hold, idOf, stateOf, unitsWish } from '../hold-book/wishes.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import {
  away,
  catchUp,
  far,
  home,
  openRegions,
  type RegionsUnderTest,
  type RegionUnderTest,
  settle,
} from './regions-under-test.ts'

const hall = seatMapOf([{ kind: 'seated', rows: 10, seats: 100 }])

describeUnless(redisMissing(), 'a book that is built from copies', () => {
  let backing: Backing
  let regions: RegionsUnderTest
  let authority: RegionUnderTest
  let follower: RegionUnderTest
  let second: RegionUnderTest
  beforeEach(async () => {
    backing = await openBacking()
    const snapshot = (scope: HoldScope) => readInventorySnapshot(backing.db, scope, 'fresh')
    regions = await openRegions([home, away, far], snapshot)
    ;[authority, follower, second] = regions.all as [
      RegionUnderTest,
      RegionUnderTest,
      RegionUnderTest,
    ]
    settle(regions.all, authority, 1)
  })
  afterEach(async () => {
    await regions[Symbol.asyncDispose]()
    await backing[Symbol.asyncDispose]()
  })

  /** Whoever asks the authority has no answer any more. */
  function loseAuthority(): void {
    regions.between = async ({ region }) => {
      if (region === home) throw new RegionCallError('away')
    }
  }

  /** Sold in SQL, and the book heard nothing of it. */
  async function sell(scope: HoldScope, units: readonly number[], buyer: string) {
    const order = { id: idOf(scope, { key: `sale ${units.join()}`, buyer }), buyer, units }
    await backing.start(scope, order)
    await backing.pay(scope, order)
  }

  const fate = (region: RegionUnderTest) =>
    ['kept', 'dropped'].map((one) => region.counted.get(`frontrow.holds.rebuilt ${one}`) ?? 0)

  it('after a takeover: the copy, corrected by what SQL has sold and by the limit', async () => {
    const scope = await backing.newEvent(hall, 4)
    const unused = await backing.newEvent(hall, 4)
    const { book } = authority
    const wish = (units: readonly number[], buyer: string) =>
      unitsWish(scope, units, { key: `key ${units.join()}`, buyer, ttlMs: 50_000, capMs: 90_000 })
    const annas = await hold(book, scope, wish([0, 1], 'anna'))
    const bens = await hold(book, scope, wish([2, 3], 'ben'))
    const cleos = await hold(book, scope, wish([4, 5], 'cleo'))
    const doras = await hold(book, scope, wish([6, 7], 'dora'))
    await book.reserve(scope, doras, 60_000)
    const emmas = await hold(book, scope, wish([8], 'emma'))
    await catchUp(follower, authority)
    await book.release(scope, emmas.id)
    // Unit 3 is somebody else's by now; cleo has three more places; dora's order is begun.
    await sell(scope, [3], 'fred')
    await sell(scope, [20, 21, 22], 'cleo')
    await backing.start(scope, { id: doras.id, buyer: 'dora', units: doras.units })
    loseAuthority()
    settle([follower, second], follower, 2)
    const after = { ...scope, epoch: 2 }
    expect(await keysOf(follower, `frontrow:{*:2:*`)).toEqual([])
    const living = await follower.book.find(after, annas.id)
    expect(living).toMatchObject({ units: [0, 1], terms: annas.terms, digest: annas.digest })
    expect(living?.expiresInMs).toBeGreaterThan(20_000)
    expect(living?.expiresInMs).toBeLessThanOrEqual(annas.expiresInMs)
    expect(living?.capInMs).toBeLessThanOrEqual(annas.capInMs)
    expect(await follower.book.find(after, bens.id)).toBeNull()
    expect(await follower.book.find(after, cleos.id)).toBeNull()
    // Released just before: nobody heard of it, and it ends by its time.
    expect(await follower.book.find(after, emmas.id)).not.toBeNull()
    expect(await stateOf(follower.book, after, [0, 1, 2, 3, 4, 5, 6, 7, 8, 20])).toEqual(
      ['held', 'held', 'free', 'sold', 'free', 'free'].concat(['held', 'held', 'held', 'sold']),
    )
    expect(fate(follower)).toEqual([2, 2])
    expect(await follower.book.place(after, wish([0, 1], 'anna'))).toMatchObject({
      kind: 'held',
      repeated: true,
    })
    const more = unitsWish(after, [30, 31, 32], { key: 'more', buyer: 'anna' })
    expect(await follower.book.place(after, more)).toEqual({ kind: 'limit', already: 2 })
    expect(await auditBook(follower.redis, after)).toEqual([])
    // What nobody called is not touched: a takeover costs nothing for each event.
    expect(await keysOf(follower, `*${unused.event}*`)).toEqual([])
  })

  const keysOf = (region: RegionUnderTest, pattern: string) => region.redis.keys(pattern)

  it('is followed in its turn: a second takeover has what the first one had, and more', async () => {
    const scope = await backing.newEvent(hall, 10)
    const other = await backing.newEvent(hall, 10)
    const wish = (unit: number, of = scope) => unitsWish(of, [unit], { key: `key ${unit}` })
    await hold(authority.book, scope, wish(1))
    await hold(authority.book, other, wish(2, other))
    await catchUp(follower, authority)
    await catchUp(second, authority)
    loseAuthority()
    settle([follower, second], follower, 2)
    await hold(follower.book, { ...scope, epoch: 2 }, wish(3))
    await catchUp(second, follower, 2)
    regions.between = async ({ region }) => {
      if (region !== far) throw new RegionCallError('away')
    }
    settle([second], second, 3)
    const states = (of: HoldScope) => stateOf(second.book, { ...of, epoch: 3 }, [1, 2, 3])
    expect(await states(scope)).toEqual(['held', 'free', 'held'])
    // Nobody called this one under the second epoch: the copy of the first is the newest.
    expect(await states(other)).toEqual(['free', 'held', 'free'])
  })

  it('is followed with an order in progress, whose time SQL tells to a fraction', async () => {
    const scope = await backing.newEvent(hall, 10)
    const anna = { id: idOf(scope, { key: 'key 1', buyer: 'anna' }), buyer: 'anna', units: [1] }
    await backing.start(scope, anna)
    settle(regions.all, follower, 2)
    const after = { ...scope, epoch: 2 }
    expect(await stateOf(follower.book, after, [1])).toEqual(['held'])
    await catchUp(second, follower, 2)
    const copied = await second.replication.copies.holds({ home, epoch: 2 }, scope.event, null)
    expect(copied?.holds).toMatchObject([{ id: anna.id, reserved: true }])
  })

  it('after a wipe, without a restart, with 100,000 units', async () => {
    const arena = seatMapOf([{ kind: 'standing', units: 100_000 }])
    const scope = await backing.newEvent(arena, 100)
    const { book } = authority
    const sale = Array.from({ length: 40 }, (_, unit) => unit)
    for (let order = 0; order < 25; order += 1) {
      await sell(
        scope,
        sale.map((unit) => order * 40 + unit),
        `owner ${order}`,
      )
    }
    const held = 24_000
    const wishes = Array.from({ length: held }, (_, n) =>
      unitsWish(
        scope,
        [0, 1, 2, 3].map((unit) => 1_000 + n * 4 + unit),
        {
          key: `key ${n}`,
          buyer: `fan ${n}`,
          ttlMs: 900_000,
        },
      ),
    )
    while (wishes.length > 0) {
      const some = wishes.splice(0, 500)
      await Promise.all(some.map((wish) => hold(book, scope, wish)))
    }
    await catchUp(follower, authority)
    await authority.redis.flushall()
    const [startedMs, before] = [systemClock.monotonicMs(), await busyMs()]
    const { bitmap } = await book.availability(scope)
    const tookMs = Math.round(systemClock.monotonicMs() - startedMs)
    const workMs = Math.round((await busyMs()) - before)
    const said = `${tookMs} ms, of which ${workMs} ms of work in both regions`
    process.stdout.write(`100,000 units, ${held} holds: rebuilt in ${said}\n`)
    expect(fate(authority)).toEqual([held, 0])
    expect(bitmap.filter((byte) => byte === 0b01010101)).toHaveLength(held)
    expect(bitmap.filter((byte) => byte === 0b10101010)).toHaveLength(250)
    const last = await book.find(scope, idOf(scope, { key: 'key 23999', buyer: 'fan 23999' }))
    expect(last?.units).toEqual([96_996, 96_997, 96_998, 96_999])
    await catchUp(follower, authority)
    expect(await auditBook(authority.redis, scope)).toEqual([])
  })

  /** What this process and all its Redis have worked so far. */
  async function busyMs(): Promise<number> {
    const ofRedis = regions.all.map(async ({ redis }) => {
      const text = await redis.info('cpu')
      const parts = [...text.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)]
      return parts.reduce((sum, [, seconds]) => sum + Number(seconds) * 1000, 0)
    })
    const { user, system } = process.cpuUsage()
    return (await Promise.all(ofRedis)).reduce((sum, ms) => sum + ms, (user + system) / 1000)
  }

  it('is built from SQL alone when no follower answers in time, and the next one at once', async () => {
    const scope = await backing.newEvent(hall, 10)
    const next = await backing.newEvent(hall, 10)
    await hold(authority.book, scope, unitsWish(scope, [1], { key: 'key 1' }))
    await catchUp(follower, authority)
    await authority.redis.flushall()
    let asked = 0
    regions.between = async ({ timeoutMs }) => {
      asked += 1
      await systemClock.wait(timeoutMs)
      throw new RegionCallError('too late')
    }
    const startedMs = systemClock.monotonicMs()
    expect(await stateOf(authority.book, scope, [1])).toEqual(['free'])
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(holdBookLimits.copiesWaitMs * 2)
    expect(asked).toBe(2)
    expect(await stateOf(authority.book, next, [1])).toEqual(['free'])
    expect(asked).toBe(2)
  })

  it('believes the copy that goes furthest', async () => {
    const scope = await backing.newEvent(hall, 10)
    const wish = (unit: number) => unitsWish(scope, [unit], { key: `key ${unit}` })
    await hold(authority.book, scope, wish(1))
    await catchUp(second, authority)
    await authority.book.release(scope, idOf(scope, { key: 'key 1' }))
    await hold(authority.book, scope, wish(2))
    await catchUp(follower, authority)
    await authority.redis.flushall()
    expect(await stateOf(authority.book, scope, [1, 2])).toEqual(['free', 'held'])
  })
})
