/** An order: what a hold becomes at checkout. Its id is the hold's id. */

import { assert, present } from '../platform/assert.ts'
import type { EventId, OrderId } from '../platform/ids.ts'
import type { Hold } from './hold.ts'
import { type SeatMap, sectionIndexOfUnit } from './seat-map.ts'

export type OrderState = 'pending' | 'paid' | 'void'

export type OrderLine = {
  readonly unit: number
  readonly tier: string
  readonly price: number
  readonly fee: number
}

export type Order = {
  readonly id: OrderId
  readonly event: EventId
  readonly buyer: string
  readonly state: OrderState
  /** Ascending by unit. */
  readonly lines: readonly OrderLine[]
  readonly currency: string
  /** Minor units. */
  readonly total: number
  readonly digest: string
  readonly voidReason: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly paidAt: Date | null
  readonly version: number
}

/** What each unit of the hold costs, by the terms that were promised when it was held. */
export function linesOf(hold: Hold, seatMap: SeatMap): OrderLine[] {
  const bySection = new Map(hold.terms.prices.map((price) => [price.section, price]))
  return hold.units.map((unit) => {
    const section = sectionIndexOfUnit(seatMap, unit)
    const { tier, price, fee } = present(bySection.get(section), `a price for section ${section}`)
    return { unit, tier, price, fee }
  })
}

/** @returns minor units */
export function totalOf(lines: readonly OrderLine[]): number {
  const total = lines.reduce((sum, line) => sum + line.price + line.fee, 0)
  assert(Number.isSafeInteger(total), 'a total is a whole number of minor units')
  return total
}

/** The units of an order, ascending. */
export function unitsOf(order: Order): number[] {
  return order.lines.map((line) => line.unit)
}

/** The hold that an order came from, as far as taking its units again needs it. It has run out. */
export function holdOfOrder(order: Order): Hold {
  const { id, event, buyer, digest, currency } = order
  const terms = { currency, prices: [] }
  return { id, event, buyer, digest, terms, units: unitsOf(order), expiresInMs: 0, capInMs: 0 }
}
