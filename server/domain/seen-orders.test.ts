import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import {
  isOlderThanSeen,
  isPageOlderThanSeen,
  type ListPlace,
  readSeen,
  type SeenOrder,
  type SeenOrders,
  seenToken,
  withListed,
  withSeen,
} from './seen-orders.ts'

const base32 = '0123456789abcdefghjkmnpqrstvwxyz'
const suffix = fc
  .tuple(
    fc.constantFrom('0', '1', '7'),
    fc.array(fc.constantFrom(...base32.split('')), { minLength: 25, maxLength: 25 }),
  )
  .map(([first, rest]) => first + rest.join(''))
const orderId = (code: fc.Arbitrary<string>) =>
  fc.tuple(code, suffix).map(([region, tail]) => `ord_${region}_${tail}` as OrderId)
const seenOrder = (code: fc.Arbitrary<string> = fc.constantFrom('use1', 'euw1', 'longest8')) =>
  fc.record<SeenOrder>({
    id: orderId(code),
    version: fc.integer({ min: 1, max: 100_000 }),
    createdAtMs: fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
  })
const seenOrders = fc.array(seenOrder(), { maxLength: 40 })

const versionOf = (seen: SeenOrders, id: OrderId) => seen.find((order) => order.id === id)?.version

describe('what was seen', () => {
  it('is bounded, has each order once, and the one shown last is last', () => {
    fc.assert(
      fc.property(seenOrders, seenOrder(), (before, shown) => {
        const seen = withSeen(withSeen([], before), [shown])
        expect(seen.length).toBeLessThanOrEqual(limits.seenOrdersMax)
        expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
        expect(seen.at(-1)?.id).toBe(shown.id)
      }),
    )
  })

  it('never goes back to an older version', () => {
    fc.assert(
      fc.property(seenOrder(), fc.integer({ min: 1, max: 100_000 }), (order, version) => {
        const newest = Math.max(order.version, version)
        expect(versionOf(withSeen([order], [{ ...order, version }]), order.id)).toBe(newest)
        expect(versionOf(withListed([order], [{ ...order, version }]), order.id)).toBe(newest)
      }),
    )
  })

  it('is not forgotten by whoever leafs through their past', () => {
    fc.assert(
      fc.property(seenOrders, seenOrders, (shown, past) => {
        const seen = withSeen([], shown)
        const after = withListed(seen, past)
        expect(after.length).toBeLessThanOrEqual(limits.seenOrdersMax)
        expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(seen.map(({ id }) => id)))
      }),
    )
  })

  it('of a list keeps the newest of its orders, first in the list', () => {
    const orders = fc.sample(seenOrder(), 20)
    const kept = withListed([], orders).map(({ id }) => id)
    expect(kept).toEqual(
      orders
        .slice(0, limits.seenOrdersMax)
        .map(({ id }) => id)
        .toReversed(),
    )
  })
})

describe('a token', () => {
  it('says what was seen, as far as there is room', () => {
    fc.assert(
      fc.property(seenOrders, (shown) => {
        const seen = withSeen([], shown)
        const token = seenToken(seen)
        expect(token).toMatch(/^[A-Za-z0-9_-]*$/)
        expect(token.length).toBeLessThanOrEqual(limits.seenTokenCharactersMax)
        const read = readSeen(token)
        expect(read).toEqual(read.length === 0 ? [] : seen.slice(-read.length))
        expect(read.length).toBeGreaterThanOrEqual(Math.min(seen.length, 13))
      }),
    )
  })

  it('has room for all where codes of regions have four characters', () => {
    const seen = withSeen([], fc.sample(seenOrder(fc.constant('use1')), limits.seenOrdersMax))
    expect(readSeen(seenToken(seen))).toEqual(seen)
  })

  it('beside another says what both say', () => {
    fc.assert(
      fc.property(seenOrder(), seenOrder(), (one, other) => {
        const header = `${seenToken([one])}, ${seenToken([other])}`
        expect(readSeen(header)).toEqual(withSeen([one], [other]))
      }),
    )
  })

  it('that is garbage says nothing, and breaks nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (garbage) => {
        expect(readSeen(garbage).length).toBeLessThanOrEqual(limits.seenOrdersMax)
        const inside = readSeen(Buffer.from(garbage).toString('base64url'))
        expect(inside.length).toBeLessThanOrEqual(limits.seenOrdersMax)
      }),
    )
    const order = fc.sample(seenOrder(), 1)[0] as SeenOrder
    const token = seenToken([order])
    expect(readSeen(token)).toEqual([order])
    expect(readSeen(`${token}=`)).toEqual([])
    expect(readSeen(token + 'A'.repeat(limits.seenTokenCharactersMax))).toEqual([])
    expect(readSeen(`${token},`.repeat(10_000))).toEqual([])
    expect(readSeen(undefined)).toEqual([])
    const forged = (text: string) => readSeen(Buffer.from(text).toString('base64url'))
    expect(forged(`${order.id.slice(4)}.0.0`)).toEqual([])
    expect(forged(`${order.id.slice(4)}.-1.5`)).toEqual([])
    expect(forged('evt_use1_x.1.1')).toEqual([])
  })
})

/** As the database answers: newest first, of one instant the greatest id first. */
const listed = (orders: readonly SeenOrder[]) =>
  [...orders].sort(
    (one, other) => other.createdAtMs - one.createdAtMs || (other.id < one.id ? -1 : 1),
  )
const placeOf = ({ createdAtMs, id }: SeenOrder): ListPlace => ({ createdAtMs, id })

/** Some of one instant, so that ids decide, too. */
const history = fc
  .uniqueArray(seenOrder(fc.constant('use1')), { maxLength: 12, selector: ({ id }) => id })
  .map((orders) => orders.map((order) => ({ ...order, createdAtMs: order.createdAtMs % 4 })))

const pages = fc.tuple(history, fc.nat(12), fc.integer({ min: 1, max: 5 }), fc.nat(99))

/** The page of `all` that begins after `skip` orders. */
function pageOf(all: readonly SeenOrder[], skip: number, limit: number) {
  const before = all[skip - 1]
  const page = all.slice(skip, skip + limit)
  const end = page.length < limit ? undefined : page.at(-1)
  const stretch = {
    covers: (id: OrderId) => id.startsWith('ord_use1_'),
    after: before === undefined ? null : placeOf(before),
    last: end === undefined ? null : placeOf(end),
  }
  return { page, stretch }
}

describe('a page of a list', () => {
  it('that shows all of its part at the newest versions is not old', () => {
    fc.assert(
      fc.property(pages, ([orders, skip, limit]) => {
        const all = listed(orders)
        const { page, stretch } = pageOf(all, Math.min(skip, all.length), limit)
        expect(isPageOlderThanSeen(all, page, stretch)).toBe(false)
      }),
    )
  })

  it('is old when it lacks one that belongs there, or has it older', () => {
    fc.assert(
      fc.property(pages, ([orders, skip, limit, pick]) => {
        const all = listed(orders)
        fc.pre(all.length > 0)
        const lost = all[pick % all.length] as SeenOrder
        const copy = all.filter(({ id }) => id !== lost.id)
        const { page, stretch } = pageOf(copy, Math.min(skip, copy.length), limit)
        const { after, last } = stretch
        // By the order of the whole list: after what came before, and before the end of the page.
        const at = (place: ListPlace) => all.findIndex(({ id }) => id === place.id)
        const isAfter = after === null || all.indexOf(lost) > at(after)
        const isBefore = last === null || all.indexOf(lost) < at(last)
        expect(isPageOlderThanSeen([lost], page, stretch)).toBe(isAfter && isBefore)
        const older = all.map((order) =>
          order === lost ? { ...order, version: order.version - 1 } : order,
        )
        const whole = pageOf(older, 0, all.length)
        expect(isPageOlderThanSeen([lost], whole.page, whole.stretch)).toBe(true)
        expect(isOlderThanSeen([lost], { id: lost.id, version: lost.version })).toBe(false)
      }),
    )
  })

  it('is not old for an order of another region', () => {
    const [elsewhere] = fc.sample(seenOrder(fc.constant('euw1')), 1)
    const { page, stretch } = pageOf([], 0, 5)
    expect(isPageOlderThanSeen([elsewhere as SeenOrder], page, stretch)).toBe(false)
  })
})
