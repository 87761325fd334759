/**
 * A follower's copy ends as the book, however the two interleave: random changes of the book, and a
 * follower that pauses, is thrown back, takes snapshots while the book changes under them, and
 * hears changes twice. A book may be lost and built anew, and the whole Redis of the authority too.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { copyKeys, positionKey } from '../../server/gateways/redis-hold-book/copy-keys.ts'
import { bookKeys, keyList, streamKeys } from '../../server/gateways/redis-hold-book/keys.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { IdMaker } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { idOf, unitsWish, wishOf } from '../hold-book/wishes.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import {
  away,
  catchUp,
  home,
  openRegions,
  type RegionsUnderTest,
  settle,
} from './regions-under-test.ts'
import { bookSays, copySays } from './same-book.ts'

const hall = seatMapOf([
  { kind: 'seated', rows: 2, seats: 6 },
  { kind: 'standing', units: 5 },
])
const tenure = { home, epoch: 1 }
const ids = new IdMaker({ clock: systemClock, random: systemRandom })

const lastSale = (scope: HoldScope) => {
  return { id: idOf(scope, { key: 'the last' }), buyer: 'buyer', units: [hall.units - 1] }
}

/** What may happen, small enough that wishes collide and ids come again. */
const command = fc.oneof(
  { weight: 6, arbitrary: changeOf('place') },
  { weight: 2, arbitrary: changeOf('anywhere') },
  { weight: 2, arbitrary: changeOf('fleeting') },
  { weight: 3, arbitrary: changeOf('release') },
  { weight: 1, arbitrary: changeOf('extend') },
  { weight: 2, arbitrary: changeOf('reserve') },
  { weight: 3, arbitrary: changeOf('convert') },
  { weight: 2, arbitrary: changeOf('free') },
  { weight: 1, arbitrary: changeOf('lose the book') },
  { weight: 1, arbitrary: changeOf('lose the head') },
  { weight: 4, arbitrary: changeOf('follow') },
  { weight: 1, arbitrary: changeOf('rewind') },
  { weight: 1, arbitrary: changeOf('forget') },
  { weight: 1, arbitrary: changeOf('lose the copy') },
)

function changeOf<Kind extends string>(kind: Kind) {
  return fc.record({
    kind: fc.constant(kind),
    event: fc.nat(1),
    key: fc.nat(7),
    units: fc.uniqueArray(fc.nat(hall.units - 1), { minLength: 1, maxLength: 4 }),
  })
}
type Command = typeof command extends fc.Arbitrary<infer One> ? One : never

describeUnless(redisMissing(), 'a follower', () => {
  let regions: RegionsUnderTest
  beforeAll(async () => {
    regions = await openRegions([home, away])
  })
  afterAll(() => regions[Symbol.asyncDispose]())

  function parties() {
    const [authority, follower] = regions.all
    if (authority === undefined || follower === undefined) throw new Error('two regions')
    return { authority, follower }
  }

  async function run(scopes: readonly HoldScope[], one: Command): Promise<void> {
    const { authority, follower } = parties()
    const { book } = authority
    const scope = scopes[one.event] as HoldScope
    const buyer = `buyer ${one.key % 3}`
    const id = idOf(scope, { key: `key ${one.key}`, buyer })
    const part = { key: `key ${one.key}`, buyer }
    const order = { id, buyer, units: one.units }
    switch (one.kind) {
      case 'place':
        await book.place(scope, unitsWish(scope, one.units, part))
        return
      case 'fleeting':
        await book.place(scope, unitsWish(scope, one.units, { ...part, ttlMs: 1 }))
        return
      case 'anywhere': {
        const count = Math.min(one.units.length, 5)
        await book.place(scope, wishOf(scope, { kind: 'anywhere', sections: [1], count }, part))
        return
      }
      case 'release':
        await book.release(scope, id)
        return
      case 'extend':
        await book.extend(scope, id, 90_000)
        return
      case 'reserve': {
        const hold = await book.find(scope, id)
        if (hold !== null) await book.reserve(scope, hold, 60_000)
        return
      }
      case 'convert':
        await book.convert(scope, order)
        return
      case 'free':
        await book.free(scope, order)
        return
      case 'lose the book':
        await authority.redis.del(...keyList(bookKeys(scope)))
        return
      case 'lose the head':
        await authority.redis.del(streamKeys(tenure).head)
        return
      case 'follow':
        await follower.follow()
        return
      case 'rewind': {
        const { copies } = follower.replication
        const position = await copies.position(tenure)
        if (position === null) return
        const to = { ...position, last: Math.max(0, position.last - one.key) }
        await copies.apply({ ...tenure, token: away }, null, { to, changes: [] })
        return
      }
      case 'forget':
        await follower.redis.del(positionKey(tenure))
        return
      case 'lose the copy':
        await follower.redis.del(copyKeys(tenure, scope.event).due)
        return
    }
  }

  it('ends with the book, whatever comes between', async () => {
    const { authority, follower } = parties()
    settle(regions.all, authority, 1)
    const scenario = fc.record({
      commands: fc.array(command, { minLength: 5, maxLength: 40 }),
      // Commands that come while the follower's questions are on their way.
      between: fc.array(command, { maxLength: 25 }),
      wipeAt: fc.option(fc.nat(39), { freq: 4 }),
    })
    let [asked, snapshots] = [0, 0]
    const property = fc.asyncProperty(scenario, async ({ commands, between, wipeAt }) => {
      await authority.redis.flushall()
      const scopes = [0, 1].map((): HoldScope => {
        const event = ids.regional('evt', 'use1')
        return { event, region: home, epoch: 1, seatMap: hall, limitPerBuyer: 6 }
      })
      const rest = between.filter(({ kind }) => !['follow', 'rewind', 'forget'].includes(kind))
      regions.between = async ({ procedure }) => {
        asked += 1
        if (procedure === 'internal.books') snapshots += 1
        const next = procedure === 'internal.copy' ? undefined : rest.shift()
        if (next !== undefined) await run(scopes, next)
      }
      for (const [at, one] of commands.entries()) {
        if (at === wipeAt) await authority.redis.flushall()
        await run(scopes, one)
      }
      while (rest.length > 0) await run(scopes, rest.shift() as Command)
      // A copy that was lost is noticed by the event's next change.
      for (const scope of scopes) await authority.book.convert(scope, lastSale(scope))
      for (const scope of scopes) await purged(scope)
      await catchUp(follower, authority)
      for (const scope of scopes) {
        const said = await bookSays(authority, tenure, scope.event)
        expect(said).not.toBeNull()
        expect(await copySays(follower, tenure, scope.event)).toEqual(said)
      }
    })
    await fc.assert(property, { numRuns: 150 })
    process.stdout.write(`${asked} questions between regions, ${snapshots} snapshots\n`)
    expect(snapshots).toBeGreaterThan(100)
  })

  /** What has run out is gone once somebody asks; and then there is a book. */
  async function purged(scope: HoldScope): Promise<void> {
    const { authority } = parties()
    const { due } = bookKeys(scope)
    await authority.book.availability(scope)
    await expect
      .poll(async () => {
        await authority.book.availability(scope)
        const [seconds] = await authority.redis.time()
        return authority.redis.zcount(due, '-inf', (Number(seconds) + 2) * 1000)
      })
      .toBe(0)
  }
})
