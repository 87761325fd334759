/**
 * Authority went to another region and came back: an event that nobody has asked for since has no
 * book there, and so its copies are those of former epochs. What was sold in between is not in them.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { stateAt } from '../../server/domain/units.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { DatabaseUnavailableError } from '../../server/stores/outcome.ts'
import { type Backing, openBacking } from '../hold-book/backing.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { hold, unitsWish } from '../hold-book/wishes.ts'
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

describeUnless(redisMissing(), 'an event that nobody has asked for since authority moved', () => {
  let backing: Backing
  let regions: RegionsUnderTest
  let seller: RegionUnderTest
  let standIn: RegionUnderTest
  let scope: HoldScope
  let isDatabaseAway = false
  beforeEach(async () => {
    isDatabaseAway = false
    backing = await openBacking()
    const snapshot = async (of: HoldScope) => {
      if (isDatabaseAway) throw new DatabaseUnavailableError('away')
      return readInventorySnapshot(backing.db, of, 'fresh')
    }
    regions = await openRegions([home, away], snapshot)
    ;[seller, standIn] = regions.all as [RegionUnderTest, RegionUnderTest]
    scope = await backing.newEvent(hall, 10)
    for (const region of regions.all) region.known.set(scope.event, scope)
    // Unit 1 is sold by the home region, 2 by the stand-in, and then the home region has it back.
    settle(regions.all, seller, 1)
    await sell({ book: seller.book, backing }, { ...scope, epoch: 1 }, 1)
    await catchUp(standIn, seller)
    settle(regions.all, standIn, 2)
    await sell({ book: standIn.book, backing }, { ...scope, epoch: 2 }, 2)
    settle(regions.all, seller, 3)
    await standIn.follow()
    await catchUp(standIn, seller, 3)
  })
  afterEach(async () => {
    await regions[Symbol.asyncDispose]()
    await backing[Symbol.asyncDispose]()
  })

  const shown = async () => {
    const { bitmap, asOfMs } = await standIn.following.elsewhere.units({ ...scope, epoch: 3 })
    return { states: [1, 2, 3].map((unit) => stateAt(bitmap, unit)), asOfMs }
  }

  it('is shown with what was sold in between', async () => {
    expect((await shown()).states).toEqual(['sold', 'sold', 'free'])
  })

  it('is shown with the holds that it has', async () => {
    const third = { ...scope, epoch: 3 }
    await hold(seller.book, third, unitsWish(third, [3], { key: 'key 3' }))
    await catchUp(standIn, seller, 3)
    settle(regions.all, standIn, 4)
    // The stand-in has built no book yet, and the home region has no copy of one.
    const { bitmap } = await seller.following.elsewhere.units({ ...scope, epoch: 4 })
    expect([1, 2, 3].map((unit) => stateAt(bitmap, unit))).toEqual(['sold', 'sold', 'held'])
  })

  it('is shown from the copy, as old as it is, while nothing else can be had', async () => {
    isDatabaseAway = true
    const { states, asOfMs } = await shown()
    expect(states).toEqual(['sold', 'free', 'free'])
    const ofCopy = await standIn.replication.copies.position({ home, epoch: 1 })
    expect(asOfMs).toBe(ofCopy?.asOfMs)
  })
})
