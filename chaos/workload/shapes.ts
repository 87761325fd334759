/** From the API's answers to what a history keeps of them. */
import type { Answer, Client } from '../../client/index.ts'
import type { Availability, Held, Ordered, Wish } from '../history/entry.ts'

/** What fans ask for; ours and the raw way to call both have it. */
export type FanApi = Pick<Client, 'holds' | 'checkout' | 'orders' | 'tickets' | 'events'>

/** With what this fan has seen. */
export type SeeingApi = FanApi & Pick<Client, 'session'>

export type HoldAnswer = Answer<FanApi['holds']['place']['mutate']>
export type CheckoutAnswer = Answer<FanApi['checkout']['start']['mutate']>
export type OrderAnswer = CheckoutAnswer['order']
type AvailabilityAnswer = Answer<FanApi['events']['availability']['query']>
type SeatWish = Parameters<FanApi['holds']['place']['mutate']>[0]['seats']

export function heldOf({ id, lines, total, currency, expiresInMs }: HoldAnswer): Held {
  return { hold: id, units: lines.map(({ unit }) => unit), total, currency, expiresInMs }
}

export function orderedOf(order: OrderAnswer): Ordered {
  const { id, event, state, voidReason, lines, total, currency, version, tickets } = order
  const units = lines.map(({ unit }) => unit)
  const amount = { total, currency }
  return {
    order: id,
    event,
    state,
    voidReason,
    units,
    ...amount,
    version,
    tickets: tickets.length,
  }
}

export function checkoutFrom({ order }: CheckoutAnswer): Ordered {
  return orderedOf(order)
}

export function availabilityOf({ asOf, sections }: AvailabilityAnswer): Availability {
  return { asOf: Date.parse(asOf), sections }
}

/** The API's types are not read-only. */
export function seatsOf(wish: Wish): SeatWish {
  if (wish.kind === 'units') return { kind: 'units', units: [...wish.units] }
  const { kind, count, sections } = wish
  return sections === undefined ? { kind, count } : { kind, count, sections: [...sections] }
}
