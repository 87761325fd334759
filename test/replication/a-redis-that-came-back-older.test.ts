/**
 * Redis starts again with the data of some moments ago: what was sold and held since then must not
 * be shown as free, not where it happened and not in any other region.
 */

import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { RegionCallError } from '../../server/domain/region-caller.ts'
import { stateAt } from '../../server/domain/units.ts'
import { openRedis, whenReady } from '../../server/gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from '../../server/gateways/redis-hold-book/redis-hold-book.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { type Backing, openBacking } from '../hold-book/backing.ts'
import { auditBook } from '../hold-book/redis-audit.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { hold, idOf, stateOf, unitsWish } from '../hold-book/wishes.ts'
import { eventually } from '../support/eventually.ts'
import { gate } from '../support/gate.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import {
  away,
  catchUp,
  home,
  openRegions,
  type RegionsUnderTest,
  type RegionUnderTest,
  settle,
} from './regions-under-test.ts'
import { sell } from './sell.ts'

const hall = seatMapOf([{ kind: 'seated', rows: 10, seats: 100 }])

describeUnless(redisMissing(), 'a Redis that came back older', () => {
  let backing: Backing
  let regions: RegionsUnderTest
  let authority: RegionUnderTest
  let follower: RegionUnderTest
  let scope: HoldScope
  beforeEach(async () => {
    backing = await openBacking()
    const snapshot = (of: HoldScope) => readInventorySnapshot(backing.db, of, 'fresh')
    regions = await openRegions([home, away], snapshot)
    ;[authority, follower] = regions.all as [RegionUnderTest, RegionUnderTest]
    settle(regions.all, authority, 1)
    scope = await backing.newEvent(hall, 10)
    authority.known.set(scope.event, scope)
  })
  afterEach(async () => {
    await regions[Symbol.asyncDispose]()
    await backing[Symbol.asyncDispose]()
  })

  const wish = (unit: number) => unitsWish(scope, [unit], { key: `key ${unit}` })

  const sold = (unit: number) => sell({ book: authority.book, backing }, scope, unit)

  /** Unit 1 is held and 2 sold; then Redis writes its data down; 3 is held, 4 sold, and 1 let go. */
  async function sellAround(remember: () => Promise<unknown>): Promise<void> {
    await hold(authority.book, scope, wish(1))
    await sold(2)
    await remember()
    await hold(authority.book, scope, wish(3))
    await sold(4)
    await authority.book.release(scope, idOf(scope, { key: 'key 1' }))
  }

  async function comeBack(...redis: readonly Redis[]): Promise<void> {
    await authority.process.kill()
    await authority.process.start()
    for (const one of [authority.redis, ...redis]) {
      await eventually(async () => (await one.ping().catch(() => null)) === 'PONG', {
        what: 'Redis answers again',
      })
    }
  }

  const ofAuthority = () => stateOf(authority.book, scope, [1, 2, 3, 4])
  const ofFollower = async () => {
    const { bitmap } = await follower.following.elsewhere.units(scope)
    return [1, 2, 3, 4].map((unit) => stateAt(bitmap, unit))
  }

  it('shows as taken what was sold after its data were written', async () => {
    await sellAround(() => authority.redis.save())
    await comeBack()
    // Nobody has a copy: what the old book still knows goes on, and its end was forgotten.
    expect(await ofAuthority()).toEqual(['held', 'sold', 'free', 'sold'])
    expect(await authority.book.place(scope, wish(4))).toEqual({ kind: 'taken', units: [4] })
    expect(await auditBook(authority.redis, scope)).toEqual([])
  })

  it('has back from a follower what it has lost, to the last change', async () => {
    await sellAround(() => authority.redis.save())
    await catchUp(follower, authority)
    await comeBack()
    expect(await ofAuthority()).toEqual(['free', 'sold', 'held', 'sold'])
    await catchUp(follower, authority)
    expect(await ofFollower()).toEqual(['free', 'sold', 'held', 'sold'])
  })

  it('is not believed by followers before its books are built anew', async () => {
    await sellAround(async () => {
      await authority.redis.save()
      await catchUp(follower, authority)
    })
    // What came after that the follower had not heard of, and nobody asks for the event again.
    await comeBack()
    await catchUp(follower, authority)
    expect(await ofFollower()).toEqual(['held', 'sold', 'free', 'sold'])
  })

  it('loses no hold by a restart in order, though its follower is behind', async () => {
    await hold(authority.book, scope, wish(1))
    await catchUp(follower, authority)
    await hold(authority.book, scope, wish(3))
    await authority.redis.save()
    await comeBack()
    expect(await ofAuthority()).toEqual(['held', 'free', 'held', 'free'])
  })

  it('is not put right by a load that began before it went away', async () => {
    const redis = openRedis({ url: authority.process.url, onError: () => undefined })
    await whenReady(redis, 10_000)
    const [begun, open] = [gate(), gate()]
    const load = async (of: HoldScope) => {
      const content = await readInventorySnapshot(backing.db, of, 'fresh')
      begun.open()
      await open.passed
      return content
    }
    const slow = new RedisHoldBook({ redis, load, random: systemRandom })
    const looking = slow.availability(scope)
    await begun.passed
    // What the load has left there comes back with all else.
    await authority.redis.save()
    await comeBack(redis)
    await hold(authority.book, scope, wish(1))
    open.open()
    await looking
    redis.disconnect()
    expect(await ofAuthority()).toEqual(['held', 'free', 'free', 'free'])
    expect(await authority.book.find(scope, idOf(scope, { key: 'key 1' }))).not.toBeNull()
  })

  it('lets nobody follow who cannot be told what is true now', async () => {
    await sellAround(async () => {
      await authority.redis.save()
      await catchUp(follower, authority)
    })
    await comeBack()
    // Its lease ran out meanwhile: nothing is built under it, and the old book is not given out.
    authority.authorities.ceased(home, 1)
    await expect(follower.follow()).rejects.toThrow(RegionCallError)
    authority.authorities.resumed(home, 1)
    authority.authorities.granted(home, { epoch: 1, untilMs: Number.POSITIVE_INFINITY })
    await catchUp(follower, authority)
    expect(await ofFollower()).toEqual(['held', 'sold', 'free', 'sold'])
  })

  it('gives nothing up at a planned move that it went away under', async () => {
    await hold(authority.book, scope, wish(1))
    await catchUp(follower, authority)
    await hold(authority.book, scope, wish(3))
    authority.authorities.ceased(home, 1)
    const { last } = await authority.replication.source.seal({ home, epoch: 1 })
    await authority.redis.save()
    await comeBack()
    // The move waits for this position and would go on without the last hold.
    await expect(follower.follow()).rejects.toThrow(RegionCallError)
    const position = await follower.replication.copies.position({ home, epoch: 1 })
    expect(position?.last).toBeLessThan(last)
  })

  it('loses nothing by a restart in which nothing was lost', async () => {
    await sellAround(() => Promise.resolve())
    await authority.redis.save()
    await comeBack()
    expect(await ofAuthority()).toEqual(['free', 'sold', 'held', 'sold'])
    expect(await authority.book.find(scope, idOf(scope, { key: 'key 3' }))).not.toBeNull()
  })
})
