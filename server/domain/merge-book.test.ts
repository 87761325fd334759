import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderId } from '../platform/ids.ts'
import type { CopiedHold } from './hold-replication.ts'
import { type InventorySnapshot, snapshotBitmap, unitsByBuyer } from './inventory.ts'
import { copiedBitmap, mergeBook } from './merge-book.ts'
import { setState, stateAt } from './units.ts'

const units = 12
const buyers = ['anna', 'ben', 'cleo']

const id = fc.integer({ min: 0, max: 9 }).map((n) => `ord_${n}` as OrderId)
const buyer = fc.constantFrom(...buyers)
const someUnits = fc
  .uniqueArray(fc.nat(units - 1), { minLength: 1, maxLength: 4 })
  .map((some) => some.toSorted((a, b) => a - b))

const copied: fc.Arbitrary<CopiedHold> = fc.record({
  id,
  buyer,
  // A copy may be of another map, or of a foreign hand.
  units: fc.oneof({ weight: 9, arbitrary: someUnits }, { weight: 1, arbitrary: fc.constant([40]) }),
  digest: fc.constant('digest'),
  terms: fc.constantFrom('{}', null),
  reserved: fc.boolean(),
  lifeMs: fc.constantFrom(0, 1, 60_000),
  capMs: fc.constant(90_000),
})

/** Each unit has at most one owner in SQL, and each id one row of owners. */
const snapshot: fc.Arbitrary<InventorySnapshot> = fc
  .array(fc.constantFrom('free', 'sold', 'pending', 'blocked'), {
    minLength: units,
    maxLength: units,
  })
  .chain((states) =>
    fc.record({ salt: fc.nat(9), by: buyer }).map(({ salt, by }) => {
      const of = (state: string) => states.flatMap((one, unit) => (one === state ? [unit] : []))
      const owners = (state: string, name: string) =>
        of(state).length === 0 ? [] : [{ id: name as OrderId, buyer: by, units: of(state) }]
      return {
        sold: owners('sold', `ord_${salt}`),
        pending: owners('pending', `ord_${(salt + 1) % 10}`).map((one) => ({
          ...one,
          expiresInMs: 1_000,
        })),
        blocked: of('blocked'),
      }
    }),
  )

const facts = fc.record({
  snapshot,
  holds: fc.array(copied, { maxLength: 12 }),
  units: fc.constant(units),
  limitPerBuyer: fc.integer({ min: 1, max: 8 }),
})

describe('a book that is merged from SQL and a copy', () => {
  it('never contradicts SQL, and gives no unit twice', () => {
    const property = fc.property(facts, (given) => {
      const { content } = mergeBook(given)
      const before = snapshotBitmap(given.snapshot, units)
      const taken = new Set<number>()
      for (const hold of content.held ?? []) {
        for (const unit of hold.units) {
          expect(stateAt(before, unit)).toBe('free')
          expect(taken.has(unit)).toBe(false)
          taken.add(unit)
        }
      }
      const { held: _, ...rest } = content
      expect(rest).toEqual(given.snapshot)
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  it('keeps holds as they were, and nobody beyond the limit who was not there in SQL', () => {
    const property = fc.property(facts, (given) => {
      const { content, kept, dropped } = mergeBook(given)
      const held = content.held ?? []
      for (const hold of held) expect(given.holds).toContain(hold)
      expect(kept).toBe(held.length)
      const ids = new Set(given.holds.map((hold) => hold.id))
      const known = [...given.snapshot.sold, ...given.snapshot.pending]
      const ofSql = known.filter((owner) => ids.has(owner.id)).length
      expect(kept + dropped).toBe(ids.size - ofSql)
      const counts = unitsByBuyer(content)
      for (const hold of held) {
        expect(counts.get(hold.buyer)).toBeLessThanOrEqual(given.limitPerBuyer)
      }
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  it('drops a hold only for a reason', () => {
    const property = fc.property(facts, (given) => {
      const { content } = mergeBook(given)
      const held = content.held ?? []
      const after = snapshotBitmap(content, units)
      const counts = unitsByBuyer(content)
      const known = new Set([...given.snapshot.sold, ...given.snapshot.pending].map((o) => o.id))
      const seen = new Set<OrderId>()
      for (const hold of given.holds) {
        const isFirst = !seen.has(hold.id)
        seen.add(hold.id)
        if (!isFirst || known.has(hold.id) || held.includes(hold)) continue
        const isOver = hold.lifeMs === 0 || hold.terms === null
        const isTaken = hold.units.some((unit) => unit >= units || stateAt(after, unit) !== 'free')
        const count = (counts.get(hold.buyer) ?? 0) + hold.units.length
        expect(isOver || isTaken || count > given.limitPerBuyer).toBe(true)
      }
    })
    fc.assert(property, { numRuns: 1_000 })
  })
})

describe('the units of a copy', () => {
  it('are what their owners say, beside what is blocked', () => {
    const bitmap = new Uint8Array(3)
    setState(bitmap, 0, 'held')
    setState(bitmap, 1, 'sold')
    for (const unit of [2, 7, 9]) setState(bitmap, unit, 'blocked')
    const owner = (some: number[]) => ({ id: 'ord_1' as OrderId, units: some })
    const hold = { ...owner([4, 5]), buyer: 'anna', digest: '', terms: '', reserved: false }
    const holds = [{ ...hold, lifeMs: 1, capMs: 1 }]
    const seen = copiedBitmap({ event: 'evt' as never, bitmap, holds, sold: [owner([5, 10])] })
    const states = Array.from({ length: units }, (_, unit) => stateAt(seen, unit))
    expect(states).toEqual(
      ['free', 'free', 'blocked', 'free', 'held', 'sold'].concat([
        'free',
        'blocked',
        'free',
        'blocked',
        'sold',
        'free',
      ]),
    )
  })
})
