/**
 * A follower in ordinary and in bad times: what it missed, a Redis that lost all or went back in
 * time, minutes of lag, a seal, two servers that both would follow, answers of no sense, no memory.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HoldBookUnavailableError, type HoldScope } from '../../server/domain/hold-book.ts'
import { HoldBookSealedError } from '../../server/domain/hold-replication.ts'
import { RegionCallError } from '../../server/domain/region-caller.ts'
import { copyKeys } from '../../server/gateways/redis-hold-book/copy-keys.ts'
import { streamKeys } from '../../server/gateways/redis-hold-book/keys.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { IdMaker } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { refusalOf } from '../../server/transport/errors.ts'
import { auditBook } from '../hold-book/redis-audit.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { hold, idOf, unitsWish } from '../hold-book/wishes.ts'
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
import { bookSays, copySays } from './same-book.ts'

const hall = seatMapOf([{ kind: 'standing', units: 2_000 }])
const tenure = { home, epoch: 1 }
const ids = new IdMaker({ clock: systemClock, random: systemRandom })

describeUnless(redisMissing(), 'a follower', () => {
  let regions: RegionsUnderTest
  let authority: RegionUnderTest
  let follower: RegionUnderTest
  let scope: HoldScope
  beforeEach(async () => {
    regions = await openRegions([home, away])
    ;[authority, follower] = regions.all as [RegionUnderTest, RegionUnderTest]
    settle(regions.all, authority, 1)
    scope = newScope()
  })
  afterEach(() => regions[Symbol.asyncDispose]())

  function newScope(): HoldScope {
    const event = ids.regional('evt', 'use1')
    return { event, region: home, epoch: 1, seatMap: hall, limitPerBuyer: 100_000 }
  }
  const place = (unit: number, of = scope) =>
    hold(authority.book, of, unitsWish(of, [unit], { key: `key ${unit}` }))
  const isSame = async (of = scope) => {
    const said = await bookSays(authority, tenure, of.event)
    expect(said).not.toBeNull()
    expect(await copySays(follower, tenure, of.event)).toEqual(said)
  }
  const snapshots = (why: string) => follower.counted.get(`frontrow.follow.snapshots ${why}`) ?? 0
  const status = () => follower.following.table.followStatus()[0]

  it('begins before there is a hold, and needs one snapshot only', async () => {
    await catchUp(follower, authority)
    for (let unit = 0; unit < 20; unit += 1) await place(unit)
    const second = newScope()
    await place(3, second)
    await catchUp(follower, authority)
    await isSame()
    await isSame(second)
    expect(snapshots('first')).toBe(1)
    expect(follower.counted.size).toBe(1)
    expect(status()).toMatchObject({ home, epoch: 1, state: 'following', behind: 0 })
    expect(status()?.lagMs).toBeLessThan(5_000)
  })

  it('keeps what is left of a hold, not what there was', async () => {
    const wish = unitsWish(scope, [5], { key: 'key 5', ttlMs: 50_000, capMs: 70_000 })
    await hold(authority.book, scope, wish)
    await catchUp(follower, authority)
    const page = await follower.replication.copies.holds(tenure, scope.event, null)
    const [copied] = page?.holds ?? []
    const living = await authority.book.find(scope, wish.id)
    expect(Math.abs((copied?.lifeMs ?? 0) - (living?.expiresInMs ?? 0))).toBeLessThan(2_000)
    expect(Math.abs((copied?.capMs ?? 0) - (living?.capInMs ?? 0))).toBeLessThan(2_000)
    expect(copied?.lifeMs).toBeLessThanOrEqual(50_000)
  })

  it('takes a snapshot after a gap and goes on', async () => {
    await place(1)
    await catchUp(follower, authority)
    for (let unit = 2; unit < 30; unit += 1) await place(unit)
    await authority.redis.xtrim(streamKeys(tenure).stream, 'MAXLEN', 5)
    await catchUp(follower, authority)
    await isSame()
    expect(snapshots('gap')).toBe(1)
    await authority.redis.del(streamKeys(tenure).stream)
    await place(40)
    await catchUp(follower, authority)
    await isSame()
  })

  it('takes one when Redis lost all, and keeps copies that nobody lists any more', async () => {
    await place(1)
    await catchUp(follower, authority)
    const before = await copySays(follower, tenure, scope.event)
    await authority.redis.flushall()
    const second = newScope()
    await place(7, second)
    await catchUp(follower, authority)
    expect(snapshots('reset')).toBe(1)
    await isSame(second)
    expect(await copySays(follower, tenure, scope.event)).toEqual(before)
  })

  it('takes one when Redis went back in time, or has another life', async () => {
    for (let unit = 1; unit < 9; unit += 1) await place(unit)
    await catchUp(follower, authority)
    await authority.redis.hset(streamKeys(tenure).head, 'last', 3)
    await catchUp(follower, authority)
    expect(snapshots('reset')).toBe(1)
    const { incarnation } = (await follower.replication.copies.position(tenure)) ?? {}
    const life = /run_id:(\w+)/.exec(await authority.redis.info('server'))?.[1] ?? '?'
    expect(incarnation?.endsWith(`.${life}`)).toBe(true)
  })

  it('says how far it lags when it lags by minutes, and makes it up', async () => {
    await place(0)
    await catchUp(follower, authority)
    for (let unit = 1; unit < 1_200; unit += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, more) => place(unit + more)))
    }
    await age(300_000)
    await follower.follow()
    expect(status()).toMatchObject({ state: 'following', position: 502, behind: 700 })
    expect(status()?.lagMs).toBeGreaterThan(299_000)
    const seen = await follower.following.elsewhere.units(scope)
    expect(seen.asOfMs).toBeLessThan(Date.now() - 299_000)
    await catchUp(follower, authority)
    expect(status()?.lagMs).toBeLessThan(5_000)
    await isSame()
  })

  /** As if all changes had been written so much earlier. */
  async function age(ms: number): Promise<void> {
    const { stream } = streamKeys(tenure)
    const entries = await authority.redis.xrange(stream, '-', '+')
    await authority.redis.del(stream)
    for (const [id, fields] of entries) {
      const at = fields.indexOf('k') + 1
      const [writtenAt, ...rest] = fields[at]?.split(' ') ?? []
      fields[at] = [Number(writtenAt) - ms, ...rest].join(' ')
      await authority.redis.xadd(stream, id, ...fields)
    }
  }

  it('hears the seal last: the book refuses what would change it, and answers what does not', async () => {
    const kept = await place(1)
    await hold(authority.book, scope, unitsWish(scope, [2], { key: 'fleeting', ttlMs: 1 }))
    await catchUp(follower, authority)
    const { source, copies } = authority.replication
    const sealed = await source.seal(tenure)
    expect(await source.seal(tenure)).toEqual(sealed)
    const order = { id: kept.id, buyer: kept.buyer, units: kept.units }
    const changes = {
      place: () => place(9),
      extend: () => authority.book.extend(scope, kept.id, 90_000),
      release: () => authority.book.release(scope, kept.id),
      reserve: () => authority.book.reserve(scope, kept, 90_000),
      convert: () => authority.book.convert(scope, order),
      free: () => authority.book.free(scope, order),
      load: () => authority.book.availability(newScope()),
    }
    for (const [name, change] of Object.entries(changes)) {
      const cause = await change().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect([name, cause]).toEqual([name, expect.any(HoldBookSealedError)])
      expect(refusalOf(cause)?.code).toBe('AUTHORITY_MOVED')
    }
    expect((await authority.book.find(scope, kept.id))?.units).toEqual([1])
    await authority.book.availability(scope)
    await catchUp(follower, authority)
    expect(await source.lastId(tenure)).toBe(sealed.last)
    const position = await follower.replication.copies.position(tenure)
    expect(position).toMatchObject({ last: sealed.last, isSealed: true })
    expect(await copies.position(tenure)).toBeNull()
    await source.unseal(tenure)
    await place(9)
    await catchUp(follower, authority)
    expect((await follower.replication.copies.position(tenure))?.isSealed).toBe(false)
    await isSame()
  })

  it('is one server of its region: the other watches, and who slept changes nothing', async () => {
    await place(1)
    expect(await follower.follow('one')).toBe('followed')
    expect(await follower.follow('two')).toBe('watching')
    expect(status()).toMatchObject({ state: 'watching', position: expect.any(Number) })
    const { copies } = follower.replication
    const position = await copies.position(tenure)
    if (position === null) throw new Error('a position')
    await copies.leave({ ...tenure, token: 'two' })
    expect(await follower.follow('two')).toBe('watching')
    await copies.leave({ ...tenure, token: 'one' })
    expect(await follower.follow('two')).toBe('followed')
    await place(2)
    const one = { ...tenure, token: 'one' }
    const step = { to: { ...position, last: 99 }, changes: [] }
    expect(await copies.apply(one, null, step)).toEqual({ kind: 'lost' })
    const empty = { event: scope.event, holds: [], sold: [], bitmap: new Uint8Array(500) }
    expect(await copies.install(one, empty)).toBe(false)
    // The one that leads applies nothing twice either.
    const two = { ...tenure, token: 'two' }
    const from = { ...position, last: position.last + 1 }
    expect(await copies.apply(two, from, step)).toEqual({ kind: 'lost' })
    while ((await copies.position(tenure))?.behind !== 0) await follower.follow('two')
    await follower.follow('two')
    await isSame()
  })

  it('does nothing for a home region that is its own, or nobody’s', async () => {
    expect(await authority.follow()).toBe('idle')
    expect(authority.following.table.followStatus()).toEqual([])
    await expect(
      authority.following.caller.call({
        region: away,
        procedure: 'internal.changes',
        input: { ...tenure, incarnation: null, after: 0, limit: 1, waitMs: 0 },
        timeoutMs: 1_000,
      }),
    ).rejects.toMatchObject({ code: 'AUTHORITY_MOVED' })
  })

  it('is told of a newer epoch, and asks again once it knows who has it', async () => {
    await place(1)
    await catchUp(follower, authority)
    authority.authorities.heard(home, { serverRegion: 'asia-southeast1', epoch: 2 })
    await expect(follower.follow()).rejects.toThrow(RegionCallError)
    await isSame()
  })

  it('takes no answer that makes no sense, and goes on once there is one that does', async () => {
    const second = newScope()
    await place(1)
    await place(2, second)
    await catchUp(follower, authority)
    const garbage = fc.record({
      anything: fc.option(fc.anything(), { freq: 3 }),
      at: fc.nat(),
      value: fc.oneof(fc.anything(), fc.nat(5_000)),
      forget: fc.boolean(),
    })
    let refused = 0
    const property = fc.asyncProperty(garbage, async ({ anything, at, value, forget }) => {
      await place(10 + (at % 1_900)).catch(() => undefined)
      if (forget) await authority.redis.del(streamKeys(tenure).stream)
      regions.garble = (answer) => (anything === null ? withOdd(answer, at, value) : anything)
      const outcome = await follower.follow().catch((cause: unknown) => cause)
      const isKnown = outcome === 'followed' || outcome instanceof RegionCallError
      if (!isKnown) expect(outcome).toBe('followed, or refused')
      if (outcome !== 'followed') refused += 1
    })
    await fc.assert(property, { numRuns: 300 })
    process.stdout.write(`${refused} of 300 answers refused\n`)
    expect(refused).toBeGreaterThan(100)
    regions.garble = (answer) => answer
    // What seemed to make sense was believed: whoever sends it is one of ours.
    await authority.redis.del(streamKeys(tenure).stream)
    await place(1_999)
    await place(3, second)
    await catchUp(follower, authority)
    await isSame()
    await isSame(second)
  })

  it('believes nobody about events of another home region', async () => {
    await place(1)
    const foreign = ids.regional('evt', 'ase1')
    regions.garble = (answer, { procedure }) =>
      procedure === 'internal.books' ? { ...(answer as object), events: [foreign] } : answer
    await expect(follower.follow()).rejects.toThrow(RegionCallError)
    expect(await follower.redis.exists(copyKeys(tenure, foreign).bitmap)).toBe(0)
  })

  it('meets a full Redis at the authority: holds are refused, nothing is half done', async () => {
    await place(1)
    await catchUp(follower, authority)
    await authority.redis.config('SET', 'maxmemory', '1')
    const cause = await place(2).catch((thrown: unknown) => thrown)
    expect(cause).toBeInstanceOf(HoldBookUnavailableError)
    expect(refusalOf(cause)?.code).toBe('UNAVAILABLE')
    await authority.redis.config('SET', 'maxmemory', '0')
    expect(await auditBook(authority.redis, scope)).toEqual([])
    await place(2)
    await catchUp(follower, authority)
    await isSame()
    expect(snapshots('gap') + snapshots('reset')).toBe(0)
  })

  it('has a full Redis: it stands still, says so by its lag, and goes on when there is room', async () => {
    await place(1)
    await catchUp(follower, authority)
    const before = await copySays(follower, tenure, scope.event)
    const position = await follower.replication.copies.position(tenure)
    await place(2)
    await follower.redis.config('SET', 'maxmemory', '1')
    await expect(follower.follow()).rejects.toThrow(HoldBookUnavailableError)
    expect(await follower.replication.copies.position(tenure)).toEqual(position)
    expect(await copySays(follower, tenure, scope.event)).toEqual(before)
    await follower.redis.config('SET', 'maxmemory', '0')
    await catchUp(follower, authority)
    await isSame()
  })

  it('finds a copy gone, fetches the book before it applies what changed', async () => {
    await place(1)
    await catchUp(follower, authority)
    await follower.redis.del(copyKeys(tenure, scope.event).records)
    await authority.book.release(scope, idOf(scope, { key: 'key 1' }))
    await place(4)
    await catchUp(follower, authority)
    await isSame()
    expect(snapshots('first')).toBe(1)
  })
})

/** The answer with one of its values replaced. */
function withOdd(answer: unknown, at: number, value: unknown): unknown {
  const text = JSON.parse(JSON.stringify(answer)) as unknown
  const places: (() => void)[] = []
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    const holder = node as Record<string, unknown>
    for (const key of Object.keys(holder)) {
      places.push(() => {
        holder[key] = value
      })
      walk(holder[key])
    }
  }
  walk(text)
  places[at % places.length]?.()
  return text
}
