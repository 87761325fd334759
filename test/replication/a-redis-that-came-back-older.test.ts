/**
 * Redis starts again with the data of some moments ago: what was sold and held since then must not
 * be shown as free, not where it happened and not in any other region.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { stateAt } from '../../server/domain/units.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { type Backing, openBacking } from '../hold-book/backing.ts'
import { auditBook } from '../hold-book/redis-audit.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { hold, idOf, stateOf, unitsWish } from '../hold-book/wishes.ts'
import { eventually } from '../support/eventually.ts'
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

  /** As a fan does: the book, SQL, and the book again. */
  async function sell(unit: number): Promise<void> {
    const held = await hold(authority.book, scope, wish(unit))
    const { id, buyer, units } = held
    await authority.book.reserve(scope, held, 60_000)
    await backing.start(scope, { id, buyer, units })
    await backing.pay(scope, { id, buyer, units })
    await authority.book.convert(scope, { id, buyer, units })
  }

  /** Unit 1 is held and 2 sold; then Redis writes its data down; 3 is held, 4 sold, and 1 let go. */
  async function sellAround(remember: () => Promise<unknown>): Promise<void> {
    await hold(authority.book, scope, wish(1))
    await sell(2)
    await remember()
    await hold(authority.book, scope, wish(3))
    await sell(4)
    await authority.book.release(scope, idOf(scope, { key: 'key 1' }))
  }

  async function comeBack(): Promise<void> {
    await authority.process.kill()
    await authority.process.start()
    await eventually(async () => (await authority.redis.ping().catch(() => null)) === 'PONG', {
      what: 'Redis answers again',
    })
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

  it('loses nothing by a restart in which nothing was lost', async () => {
    await sellAround(() => Promise.resolve())
    await authority.redis.save()
    await comeBack()
    expect(await ofAuthority()).toEqual(['free', 'sold', 'held', 'sold'])
    expect(await authority.book.find(scope, idOf(scope, { key: 'key 3' }))).not.toBeNull()
  })
})
