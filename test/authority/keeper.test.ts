/** Keepers over a real database: who goes on when a region's hold book, or the region, is gone. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Authorities } from '../../server/application/authorities.ts'
import { AuthorityKeeper, type Takeover } from '../../server/application/authority-keeper.ts'
import { authorityLimits } from '../../server/platform/authority-limits.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { markDrained, sqlLeaseBook, unmarkDrained } from '../../server/stores/region-leases.ts'
import { openStores, type Stores } from '../sale/stores-under-test.ts'
import { eventually } from '../support/eventually.ts'
import { region as home } from '../support/sale-system.ts'

const times = { lengthMs: 300, heartbeatMs: 100 }
const [second, third] = ['europe-west1', 'asia-southeast1'] as const
const candidates = [home, second, third]

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores[Symbol.asyncDispose]())
beforeEach(async () => {
  await stores.sql('delete from region_leases')
  await stores.sql('update authority set server_region = region')
})

function keeperIn(region: string) {
  const state = { isFit: true, shiftMs: 0 }
  const clock = { monotonicMs: () => systemClock.monotonicMs() + state.shiftMs }
  const authorities = new Authorities({ region, clock })
  const taken: Takeover[] = []
  const keeper = new AuthorityKeeper({
    region,
    leases: sqlLeaseBook(stores.db),
    authorities,
    clock,
    times,
    candidatesFor: () => candidates,
    isFit: () => state.isFit,
    onTakeover: (one) => taken.push(one),
  })
  return { state, authorities, taken, keeper, standing: () => authorities.standing(home).kind }
}

type Keeper = ReturnType<typeof keeperIn>

const sells = async (one: Keeper, rest: readonly Keeper[] = []) => {
  for (const each of [...rest, one]) await each.keeper.pass(home)
  return one.standing() === 'ours'
}

async function begun(): Promise<Keeper> {
  const first = keeperIn(home)
  await eventually(() => sells(first), { what: 'the home region sells its own events' })
  return first
}

describe('a region that is gone', () => {
  it('is taken over for by the first stand-in, once its lease has run out', async () => {
    const first = await begun()
    const other = keeperIn(second)
    await other.keeper.pass(home)
    expect(other.standing()).toBe('theirs')
    await eventually(() => sells(other), { what: 'the stand-in sells' })
    expect(other.taken).toMatchObject([{ home, from: home }])
    await first.keeper.pass(home)
    expect(first.standing()).toBe('theirs')
  })

  it('is not taken over for by a region that was drained', async () => {
    await begun()
    await markDrained(stores.db, second)
    const [drained, other] = [keeperIn(second), keeperIn(third)]
    await eventually(() => sells(other, [drained]), { what: 'the next stand-in sells' })
    expect(drained.taken).toEqual([])
    await unmarkDrained(stores.db, second)
  })
})

describe('a region whose hold book is gone', () => {
  it('goes on while it may come back, and then leaves its authority to one that can grant', async () => {
    const first = await begun()
    first.state.isFit = false
    expect(await sells(first)).toBe(true)
    first.state.shiftMs += authorityLimits.bookLossMs
    const other = keeperIn(second)
    await eventually(() => sells(other, [first]), { what: 'one that can grant sells' })
    await first.keeper.pass(home)
    expect(first.standing()).toBe('theirs')
  })

  it('sells on when nobody takes it: what is held can still be paid', async () => {
    const first = await begun()
    first.state.isFit = false
    await first.keeper.pass(home)
    first.state.shiftMs += authorityLimits.bookLossMs
    await first.keeper.pass(home)
    expect(first.standing()).toBe('nobody')
    first.state.shiftMs += times.lengthMs + candidates.length * authorityLimits.standInStaggerMs
    expect(await sells(first)).toBe(true)
  })
})
