/**
 * The Redis book when Redis is lost, wiped, restarted or shared by two loaders; and what it keeps
 * of ended holds. After each story the book's keys agree with one another.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Hold } from '../../server/domain/hold.ts'
import {
  HoldBookUnavailableError,
  type HoldScope,
  type SettledOrder,
} from '../../server/domain/hold-book.ts'
import { holdBookLimits } from '../../server/domain/hold-book-limits.ts'
import { bookKeys, streamKeys } from '../../server/gateways/redis-hold-book/keys.ts'
import { RedisHoldBook } from '../../server/gateways/redis-hold-book/redis-hold-book.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { readInventorySnapshot } from '../../server/stores/inventory-snapshot.ts'
import { DatabaseUnavailableError } from '../../server/stores/outcome.ts'
import { eventually } from '../support/eventually.ts'
import { gate } from '../support/gate.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { auditBook } from './redis-audit.ts'
import { openRedisUnderTest, type RedisUnderTest } from './redis-under-test.ts'
import { seatMapOf } from './seat-maps.ts'
import { hold, stateOf, unitsWish, wishOf } from './wishes.ts'

const hall = seatMapOf([
  { kind: 'seated', rows: 10, seats: 100 },
  { kind: 'standing', units: 50 },
])
const settled = ({ id, buyer, units }: Hold): SettledOrder => ({ id, buyer, units })

describeUnless(redisMissing(), 'the Redis hold book, when Redis', () => {
  let tested: RedisUnderTest
  let scope: HoldScope
  beforeEach(async () => {
    tested = await openRedisUnderTest({ memoryMs: 300 })
    scope = await tested.backing.newEvent(hall, 6)
  })
  afterEach(() => tested[Symbol.asyncDispose]())

  /** Orders in every state, in SQL and in the book: sold 0-1, pending 2-3, voided 4-5; held 6-7. */
  async function sellSome(): Promise<{ sold: Hold; pending: Hold; held: Hold }> {
    const { book, backing } = tested
    const place = (units: number[], buyer: string) =>
      hold(book, scope, unitsWish(scope, units, { key: units.join(), buyer }))
    const sold = await place([0, 1], 'anna')
    const pending = await place([2, 3], 'ben')
    const voided = await place([4, 5], 'cleo')
    const held = await place([6, 7], 'dora')
    for (const one of [sold, pending, voided]) {
      await book.reserve(scope, one, 60_000)
      await backing.start(scope, settled(one))
    }
    await backing.pay(scope, settled(sold))
    await book.convert(scope, settled(sold))
    await backing.cancel(scope, settled(voided))
    await book.free(scope, settled(voided))
    return { sold, pending, held }
  }

  it('is wiped in the middle, goes on from what SQL knows', async () => {
    const { book, other, redis } = tested
    const { sold, pending, held } = await sellSome()
    await redis.flushall()
    expect(await stateOf(book, scope, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual(
      ['sold', 'sold', 'held', 'held'].concat(['free', 'free', 'free', 'free']),
    )
    const tooMany = unitsWish(scope, [20, 21, 22, 23, 24], { key: 'x', buyer: 'anna' })
    expect(await other.place(scope, tooMany)).toEqual({ kind: 'limit', already: 2 })
    const alsoTooMany = { ...tooMany, buyer: 'ben', id: unitsWish(scope, [1], { key: 'y' }).id }
    expect(await other.place(scope, alsoTooMany)).toEqual({ kind: 'limit', already: 2 })
    // The lost hold comes back by its token; the reservation and the sale end as they should.
    expect(await book.reserve(scope, held, 60_000)).toEqual({ kind: 'reserved' })
    expect(await book.reserve(scope, pending, 60_000)).toEqual({ kind: 'reserved' })
    await book.convert(scope, settled(pending))
    await book.convert(scope, settled(sold))
    expect(await stateOf(book, scope, [0, 1, 2, 3, 6, 7])).toEqual(
      ['sold', 'sold', 'sold', 'sold'].concat(['held', 'held']),
    )
    await book.free(scope, settled(sold))
    expect(await stateOf(book, scope, [0, 1, 2])).toEqual(['free', 'free', 'sold'])
    expect(await auditBook(redis, scope)).toEqual([])
  })

  it('is killed, refuses at once; and when it is back, goes on by itself', async () => {
    const { book, process: server } = tested
    const { pending } = await sellSome()
    await server.kill()
    for (const call of [
      () => book.place(scope, unitsWish(scope, [9], { key: 'a' })),
      () => book.find(scope, pending.id),
      () => book.extend(scope, pending.id, 1),
      () => book.release(scope, pending.id),
      () => book.reserve(scope, pending, 1),
      () => book.convert(scope, settled(pending)),
      () => book.free(scope, settled(pending)),
      () => book.availability(scope),
    ]) {
      await expect(call()).rejects.toThrow(HoldBookUnavailableError)
    }
    await server.start()
    await eventually(
      async () => {
        const outcome = await book
          .place(scope, unitsWish(scope, [10, 11], { key: 'b' }))
          .catch((cause: unknown) => {
            if (!(cause instanceof HoldBookUnavailableError)) throw cause
            return null
          })
        return outcome?.kind === 'held'
      },
      { what: 'the restarted Redis serves' },
    )
    expect(await stateOf(book, scope, [0, 1, 2, 3, 10, 11])).toEqual(
      ['sold', 'sold', 'held', 'held'].concat(['held', 'held']),
    )
    expect(await auditBook(tested.redis, scope)).toEqual([])
  })

  it('has forgotten the scripts, is told them again', async () => {
    const { book, redis } = tested
    await hold(book, scope, unitsWish(scope, [1], { key: 'a' }))
    await redis.script('FLUSH')
    await hold(book, scope, unitsWish(scope, [2], { key: 'b' }))
    expect(tested.loads()).toBe(1)
  })

  it('is asked by many at once for an event that it does not know, loads it once a server', async () => {
    await sellSome()
    await tested.redis.flushall()
    const before = tested.loads()
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, fan) => {
        const server = fan % 2 ? tested.book : tested.other
        const wish = unitsWish(scope, [10 + fan], { key: 'a', buyer: `fan ${fan}` })
        return server.place(scope, wish)
      }),
    )
    expect(outcomes.filter(({ kind }) => kind === 'held')).toHaveLength(60)
    expect(tested.loads() - before).toBe(2)
    const units = Array.from({ length: 60 }, (_, fan) => 10 + fan)
    expect(new Set(await stateOf(tested.book, scope, units))).toEqual(new Set(['held']))
    expect(await auditBook(tested.redis, scope)).toEqual([])
    const keys = await tested.redis.keys(`*${scope.event}*`)
    expect(keys.sort()).toEqual(Object.values(bookKeys(scope)).sort())
  })

  it('is wiped again and again while fans hold, gives no unit that SQL has sold', async () => {
    const { book, other, redis } = tested
    const { sold, pending } = await sellSome()
    const wiping = (async () => {
      for (let time = 0; time < 20; time += 1) await redis.flushall()
    })()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, fan) => {
        const best = { kind: 'best', sections: [0], count: 2 } as const
        const wish = wishOf(scope, best, { key: 'a', buyer: `fan ${fan}` })
        return (fan % 2 ? book : other).place(scope, wish)
      }),
    )
    await wiping
    const units = outcomes.flatMap((o) =>
      o.status === 'fulfilled' && o.value.kind === 'held' ? [...o.value.hold.units] : [],
    )
    expect(units.length).toBeGreaterThan(0)
    for (const unit of [...sold.units, ...pending.units]) expect(units).not.toContain(unit)
    expect(await stateOf(book, scope, [0, 2])).toEqual(['sold', 'held'])
    expect(await auditBook(redis, scope)).toEqual([])
  })

  it('is wiped while a load is under way that knows nothing of a sale, still shows it', async () => {
    const { backing, book, redis } = tested
    const other = await hold(book, scope, unitsWish(scope, [0], { key: 'a', buyer: 'ben' }))
    const order = await hold(book, scope, unitsWish(scope, [1], { key: 'a', buyer: 'anna' }))
    await backing.start(scope, settled(other))
    await redis.flushall()
    const [read, go] = [gate(), gate()]
    let loads = 0
    const load = async (of: HoldScope) => {
      loads += 1
      const content = await readInventorySnapshot(backing.db, of, 'fresh')
      read.open()
      await go.passed
      return content
    }
    const slow = new RedisHoldBook({ redis, load, random: systemRandom })
    const looking = slow.availability(scope)
    await read.passed
    // Another server builds the book meanwhile and is told of the sale; and then that is wiped.
    await backing.start(scope, settled(order))
    await backing.pay(scope, settled(order))
    await book.convert(scope, settled(order))
    await redis.flushall()
    go.open()
    await looking
    expect(await stateOf(slow, scope, [0, 1, 2])).toEqual(['held', 'sold', 'free'])
    expect(loads).toBe(2)
    // Followers are told of the second one alone.
    expect(await redis.xlen(streamKeys({ home: scope.region, epoch: scope.epoch }).stream)).toBe(1)
    expect(await auditBook(redis, scope)).toEqual([])
    expect((await redis.keys(`*${scope.event}*`)).sort()).toEqual(
      Object.values(bookKeys(scope)).sort(),
    )
  })

  it('has to load while SQL is away, leaves nothing behind', async () => {
    const { redis } = tested
    const load = async () => {
      expect(await redis.keys(`*${scope.event}*`)).toHaveLength(1)
      throw new DatabaseUnavailableError('it is away')
    }
    const book = new RedisHoldBook({ redis, load, random: systemRandom })
    await expect(book.availability(scope)).rejects.toThrow('it is away')
    expect(await redis.keys(`*${scope.event}*`)).toEqual([])
  })

  it('thinks that a sold unit is somebody’s, breaks that hold and frees its other units', async () => {
    const { book, redis } = tested
    const rival = await hold(book, scope, unitsWish(scope, [1, 2, 3], { key: 'a', buyer: 'ben' }))
    const order = settled({ ...rival, id: unitsWish(scope, [1], { key: 'z' }).id, buyer: 'anna' })
    await book.convert(scope, { ...order, units: [3, 4] })
    expect(await book.find(scope, rival.id)).toBeNull()
    expect(await stateOf(book, scope, [1, 2, 3, 4])).toEqual(['free', 'free', 'sold', 'sold'])
    await book.free(scope, settled(rival))
    expect(await stateOf(book, scope, [3, 4])).toEqual(['sold', 'sold'])
    // A later sale of a sold unit is SQL's word too.
    await book.convert(scope, { ...settled(rival), units: [4] })
    expect(await auditBook(redis, scope)).toEqual([])
    await book.free(scope, { ...order, units: [3, 4] })
    expect(await stateOf(book, scope, [3, 4])).toEqual(['free', 'sold'])
    expect(await auditBook(redis, scope)).toEqual([])
  })

  it('has more expired holds than one script frees, still answers exactly', async () => {
    const many = await tested.backing.newEvent(seatMapOf([{ kind: 'standing', units: 1_000 }]))
    const place = (fan: number) =>
      tested.book.place(many, unitsWish(many, [fan], { key: 'a', buyer: `${fan}`, ttlMs: 1_500 }))
    await Promise.all(Array.from({ length: 1_000 }, (_, fan) => place(fan)))
    expect(1_000).toBeGreaterThan(holdBookLimits.purgePerScriptMax)
    const due = bookKeys(many).due
    await eventually(
      async () => {
        const [seconds] = await tested.redis.time()
        return (await tested.redis.zcount(due, '-inf', Number(seconds) * 1000)) === 1_000
      },
      { what: 'all holds have run out' },
    )
    const all = wishOf(many, { kind: 'anywhere', sections: [0], count: 1_000 }, { key: 'b' })
    expect(await tested.book.place(many, all)).toMatchObject({ kind: 'held' })
    expect(await auditBook(tested.redis, many)).toEqual([])
  })

  it('has remembered an ended hold for its time, forgets it', async () => {
    const { book, redis } = tested
    const wish = unitsWish(scope, [1], { key: 'a' })
    await hold(book, scope, wish)
    await book.release(scope, wish.id)
    expect(await book.place(scope, wish)).toEqual({ kind: 'ended' })
    await eventually(async () => (await book.place(scope, wish)).kind === 'held', {
      what: 'the ended hold is forgotten',
    })
    await book.release(scope, wish.id)
    await eventually(
      async () => {
        await book.find(scope, wish.id)
        return (await redis.hlen(bookKeys(scope).records)) === 1
      },
      { what: 'nothing is remembered' },
    )
    expect(await redis.zcard(bookKeys(scope).due)).toBe(1)
  })
})
