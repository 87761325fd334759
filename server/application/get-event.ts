/** One event as fans see it: place, window, status and what a ticket costs now. */
import { type EventStatus, statusAt } from '../domain/event.ts'
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { countsMatter, feeOn, type PriceTier, priceAt, takenOf } from '../domain/pricing.ts'
import { refuse } from '../domain/refusal.ts'
import type { EventId } from '../platform/ids.ts'
import type { EventView } from './event-catalogue.ts'
import type { Services } from './services.ts'
import { type UnitsNeeds, unitsNow } from './units-now.ts'

export type TierPrice = {
  readonly id: string
  readonly name: string
  readonly sections: readonly string[]
  /** Minor units; null: not for sale at this time. */
  readonly price: number | null
  readonly fee: number | null
}

export type PublicEvent = Pick<EventView, 'event' | 'venue'> & {
  readonly status: EventStatus
  readonly tiers: readonly TierPrice[]
}

type Needs = Pick<Services, 'events'> & UnitsNeeds

/** @throws RefusedError NOT_FOUND also for a draft */
export async function getEvent(
  services: Needs,
  input: { readonly event: EventId },
): Promise<PublicEvent> {
  const view = await services.events.get(input.event)
  if (view === null) return refuse('NOT_FOUND', 'There is no such event.')
  const nowMs = await services.events.databaseNowMs()
  const { event, venue } = view
  return {
    event,
    venue,
    status: statusAt(event, nowMs),
    tiers: await prices(services, view, nowMs),
  }
}

async function prices(services: Needs, view: EventView, nowMs: number): Promise<TierPrice[]> {
  const taken = countsMatter(view.tiers) ? await takenCounts(services, view) : () => 0
  return view.tiers.map((tier) => {
    const { id, name, sections } = tier
    const price = priceAt(tier, { nowMs, taken: taken(tier) })
    return { id, name, sections, price, fee: price === null ? null : feeOn(price, view.event) }
  })
}

/** Where nobody can count, early prices are taken for used up: no page shows a price too low. */
async function takenCounts(
  services: Needs,
  { scope }: EventView,
): Promise<(tier: PriceTier) => number> {
  try {
    const { bitmap } = await unitsNow(services, scope)
    return (tier) => takenOf(tier, scope.seatMap, bitmap)
  } catch (cause) {
    if (!(cause instanceof HoldBookUnavailableError)) throw cause
    return () => Number.POSITIVE_INFINITY
  }
}
