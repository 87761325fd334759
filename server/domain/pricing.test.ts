import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  feeOn,
  type PriceRule,
  type PriceTier,
  priceAt,
  refuseOffer,
  refuseTiers,
  takenOf,
  termsFor,
} from './pricing.ts'
import { imported, smallJson } from './seat-map-samples.ts'
import { emptyBitmap, setState } from './units.ts'

const seatMap = imported(JSON.stringify(smallJson), 'json')
const always = (price: number): PriceRule => ({
  price,
  from: null,
  until: null,
  whileTakenBelow: null,
})
const tier = (changes: Partial<PriceTier> = {}): PriceTier => ({
  id: 'seats',
  name: 'Seats',
  sections: ['A'],
  rules: [always(5_000)],
  ...changes,
})
const floor = tier({ id: 'floor', name: 'Floor', sections: ['Floor'], rules: [always(0)] })
const event = { currency: 'EUR', fees: { fixed: 150, basisPoints: 250 }, limitPerBuyer: 8 }
const offer = (tiers: readonly PriceTier[]) => ({ event, tiers, seatMap })
const early = Date.parse('2026-12-01T00:00:00Z')

describe('the price of a tier', () => {
  const changing = tier({
    rules: [
      { ...always(3_000), until: new Date(early), whileTakenBelow: 2 },
      { ...always(4_000), whileTakenBelow: 3 },
      { ...always(5_000), until: new Date(early + 1_000) },
    ],
  })
  it.each([
    ['the first rule while both time and count fit', { nowMs: early - 1, taken: 1 }, 3_000],
    ['the next one once the time is up', { nowMs: early, taken: 1 }, 4_000],
    ['the next one once the count is up', { nowMs: early - 1, taken: 2 }, 4_000],
    ['the last one that fits', { nowMs: early, taken: 3 }, 5_000],
    ['none when no rule fits: not for sale', { nowMs: early + 1_000, taken: 3 }, null],
  ])('is that of %s', (_, facts, price) => {
    expect(priceAt(changing, facts)).toBe(price)
  })

  it('begins at `from`, not before', () => {
    const later = tier({ rules: [{ ...always(1), from: new Date(early) }] })
    expect(priceAt(later, { nowMs: early - 1, taken: 0 })).toBeNull()
    expect(priceAt(later, { nowMs: early, taken: 0 })).toBe(1)
  })
})

describe('fees', () => {
  it('are a fixed part and a share of the price, rounded half up', () => {
    expect(feeOn(5_000, event)).toBe(275)
    expect(feeOn(1_020, event)).toBe(150 + 26)
  })

  it('do not make a free ticket cost anything', () => {
    expect(feeOn(0, event)).toBe(0)
  })

  it('are amounts that the currency has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), (tens) => {
        const fees = { fixed: 10, basisPoints: 333 }
        expect(feeOn(tens * 10, { currency: 'KWD', fees }) % 10).toBe(0)
        expect(feeOn(tens * 100, { currency: 'UGX', fees }) % 100).toBe(0)
      }),
    )
  })
})

describe('the units taken of a tier', () => {
  it('are those held or sold in its sections, and no blocked ones', () => {
    const bitmap = emptyBitmap(seatMap.units)
    setState(bitmap, 0, 'held')
    setState(bitmap, 1, 'blocked')
    setState(bitmap, 2, 'sold')
    setState(bitmap, 10, 'sold')
    expect(takenOf(tier(), seatMap, bitmap)).toBe(2)
    expect(takenOf(floor, seatMap, bitmap)).toBe(1)
  })
})

describe('terms', () => {
  const facts = { nowMs: early, takenOf: () => 0 }

  it('say for each section what a unit costs, once', () => {
    expect(termsFor(offer([tier(), floor]), [0, 1, 0], facts)).toEqual({
      terms: {
        currency: 'EUR',
        prices: [
          { section: 0, tier: 'seats', price: 5_000, fee: 275 },
          { section: 1, tier: 'floor', price: 0, fee: 0 },
        ],
      },
    })
  })

  it('are refused when a section is not for sale now', () => {
    const notYet = tier({ rules: [{ ...always(1), from: new Date(early + 1) }] })
    for (const tiers of [[notYet, floor], [floor]]) {
      const outcome = termsFor(offer(tiers), [0, 1], facts)
      expect(outcome).toMatchObject({
        refused: { code: 'SALE_NOT_OPEN', details: { section: 'A' } },
      })
    }
  })
})

describe('price tiers', () => {
  const faultsOf = (tiers: readonly PriceTier[], currency = 'EUR') => {
    const refused = refuseTiers({ event: { ...event, currency }, tiers, seatMap })
    if (refused === null) return []
    expect(refused.code).toBe('BAD_INPUT')
    const faults = refused.details?.['faults'] as { field: string }[]
    return faults.map(({ field }) => field)
  }
  const rules = (...list: PriceRule[]) => [tier({ rules: list })]

  it('may leave sections of a draft without a price', () => {
    expect(faultsOf([])).toEqual([])
    expect(faultsOf([tier()])).toEqual([])
  })

  it.each<[string, PriceTier[], string[]]>([
    ['an id that is no slug', [tier({ id: 'Front row' })], ['tiers[0].id']],
    ['an id twice', [tier(), { ...floor, id: 'seats' }], ['tiers[1].id']],
    ['no name', [tier({ name: '' })], ['tiers[0].name']],
    ['no section', [tier({ sections: [] })], ['tiers[0].sections']],
    ['a section that there is not', [tier({ sections: ['a'] })], ['tiers[0].sections[0]']],
    ['a section twice', [tier(), tier({ id: 'b' })], ['tiers[1].sections[0]']],
    ['no rule', rules(), ['tiers[0].rules']],
    ['a negative price', rules(always(-1)), ['tiers[0].rules[0].price']],
    ['half a cent', rules(always(0.5)), ['tiers[0].rules[0].price']],
    ['more than one charge takes', rules(always(99_999_999)), ['tiers[0].rules[0].price']],
    ['no number', rules(always(Number.NaN)), ['tiers[0].rules[0].price']],
    [
      'a rule that ends before it begins',
      rules({ ...always(1), from: new Date(2), until: new Date(2) }),
      ['tiers[0].rules[0].until'],
    ],
    [
      'a count of none',
      rules({ ...always(1), whileTakenBelow: 0 }),
      ['tiers[0].rules[0].whileTakenBelow'],
    ],
    ['no date', rules({ ...always(1), from: new Date('x') }), ['tiers[0].rules[0].from']],
  ])('refuse %s', (_, tiers, expected) => {
    expect(faultsOf(tiers)).toEqual(expected)
  })

  it('refuse amounts that the currency does not have', () => {
    expect(faultsOf(rules(always(1_005)), 'KWD')).toEqual(['tiers[0].rules[0].price'])
    expect(faultsOf(rules(always(1_050)), 'UGX')).toEqual(['tiers[0].rules[0].price'])
    expect(faultsOf(rules(always(1_005)), 'JPY')).toEqual([])
  })
})

describe('an offer', () => {
  it('needs a price for each section', () => {
    expect(refuseOffer(offer([tier()]))).toMatchObject({
      code: 'PRICES_INCOMPLETE',
      details: { sections: ['Floor'] },
    })
    expect(refuseOffer(offer([tier(), floor]))).toBeNull()
  })

  it('may not ask more of one buyer than one charge takes', () => {
    const dear = tier({ rules: [always(20_000_000)] })
    expect(refuseOffer(offer([dear, floor]))).toMatchObject({ code: 'BAD_INPUT' })
    const single = { ...offer([dear, floor]), event: { ...event, limitPerBuyer: 4 } }
    expect(refuseOffer(single)).toBeNull()
  })
})
