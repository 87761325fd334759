import { describe, expect, it } from 'vitest'
import type { EventId, OrderId } from '../platform/ids.ts'
import type { Hold } from './hold.ts'
import { holdOfOrder, linesOf, type Order, totalOf, unitsOf } from './order.ts'
import type { SeatMap } from './seat-map.ts'

const seatMap: SeatMap = {
  name: 'Hall',
  units: 30,
  sections: [
    { kind: 'standing', name: 'Front', firstUnit: 0, units: 10 },
    { kind: 'standing', name: 'Back', firstUnit: 10, units: 20 },
  ],
}

const hold: Hold = {
  id: 'ord_use1_x' as OrderId,
  event: 'evt_use1_x' as EventId,
  buyer: 'ann',
  units: [9, 10, 29],
  terms: {
    currency: 'EUR',
    prices: [
      { section: 1, tier: 'back', price: 3_000, fee: 0 },
      { section: 0, tier: 'front', price: 5_000, fee: 125 },
    ],
  },
  digest: 'd',
  expiresInMs: 1,
  capInMs: 2,
}

describe('the lines of an order', () => {
  it('cost what was promised for the section of each unit', () => {
    expect(linesOf(hold, seatMap)).toEqual([
      { unit: 9, tier: 'front', price: 5_000, fee: 125 },
      { unit: 10, tier: 'back', price: 3_000, fee: 0 },
      { unit: 29, tier: 'back', price: 3_000, fee: 0 },
    ])
  })

  it('cannot be made without a promised price, or of a unit that is not there', () => {
    const unpriced = { ...hold, terms: { ...hold.terms, prices: hold.terms.prices.slice(0, 1) } }
    expect(() => linesOf(unpriced, seatMap)).toThrow('a price for section 0 is absent')
    expect(() => linesOf({ ...hold, units: [30] }, seatMap)).toThrow('a unit of the seat map')
  })

  it('add up with their fees, in whole minor units', () => {
    expect(totalOf(linesOf(hold, seatMap))).toBe(11_125)
    expect(totalOf([])).toBe(0)
    const half = [{ unit: 0, tier: 'a', price: 0.5, fee: 0 }]
    expect(() => totalOf(half)).toThrow('a total is a whole number of minor units')
    const huge = [{ unit: 0, tier: 'a', price: Number.MAX_SAFE_INTEGER, fee: 1 }]
    expect(() => totalOf(huge)).toThrow('a total is a whole number of minor units')
  })
})

describe('the hold of an order', () => {
  it('is that of its units and has run out', () => {
    const { id, event, buyer, digest } = hold
    const at = new Date(0)
    const order: Order = {
      id,
      event,
      buyer,
      digest,
      lines: linesOf(hold, seatMap),
      state: 'pending',
      currency: 'EUR',
      total: 11_125,
      voidReason: null,
      createdAt: at,
      expiresAt: at,
      paidAt: null,
      version: 1,
    }
    expect(unitsOf(order)).toEqual([9, 10, 29])
    expect(holdOfOrder(order)).toMatchObject({ id, buyer, units: hold.units, expiresInMs: 0 })
  })
})
