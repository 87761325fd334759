/**
 * An event as a sale sees it: what may be asked for, and what it costs now. Judged here to answer
 * early and clearly; the sale's statement judges again with the database's own clock.
 */
import type { Standing } from '../domain/authority.ts'
import type { Event } from '../domain/event.ts'
import type { HoldTerms, SeatRequest, SeatWish } from '../domain/hold.ts'
import type { HoldScope } from '../domain/hold-book.ts'
import { countsMatter, type TermsFacts, takenOf, termsFor } from '../domain/pricing.ts'
import { RefusedError, refuse } from '../domain/refusal.ts'
import { type SeatMap, sectionIndexOfUnit } from '../domain/seat-map.ts'
import { unreachable } from '../platform/assert.ts'
import type { EventId } from '../platform/ids.ts'
import type { EventView } from './event-catalogue.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'events' | 'holdBook'>
type Standings = Pick<Services, 'authorities'>

export type SaleView = {
  readonly event: Event
  readonly scope: HoldScope
}

/** For whoever only looks. @throws RefusedError NOT_FOUND for an unknown event and for a draft */
export async function eventOf(services: Pick<Services, 'events'>, id: EventId): Promise<EventView> {
  const view = await services.events.get(id)
  return view ?? refuse('NOT_FOUND', 'There is no such event.')
}

/**
 * For whoever holds or sells: under the epoch in which this server may, asked after the event was
 * read. A server that sleeps after this and wakes up late still writes under that epoch, and so
 * nothing; with the newest epoch heard of it would sell under that of its successor.
 * @throws RefusedError NOT_FOUND | AUTHORITY_MOVED
 */
export async function saleOf(
  services: Pick<Services, 'events'> & Standings,
  id: EventId,
): Promise<EventView> {
  const view = await eventOf(services, id)
  const standing = services.authorities.standing(view.scope.region)
  if (standing.kind !== 'ours') return moved(standing)
  return { ...view, scope: { ...view.scope, epoch: standing.epoch } }
}

/**
 * Before a hold is promised: the lease may have run out while its book was asked, and what the book
 * of a lost authority says is worth nothing.
 * @throws RefusedError AUTHORITY_MOVED
 */
export function assertOurs({ authorities }: Standings, { region, epoch }: HoldScope): void {
  const standing = authorities.standing(region)
  if (standing.kind !== 'ours' || standing.epoch !== epoch) moved(standing)
}

function moved(standing: Standing): never {
  const text = 'This server does not sell the event any more. Try again.'
  if (standing.kind !== 'theirs') return refuse('AUTHORITY_MOVED', text)
  const { serverRegion, epoch } = standing
  return refuse('AUTHORITY_MOVED', text, { serverRegion, epoch })
}

/** @throws RefusedError SALE_NOT_OPEN | SALE_CLOSED | EVENT_CANCELLED */
export async function assertOpen(services: Needs, { event }: SaleView): Promise<void> {
  if (event.state === 'cancelled') refuse('EVENT_CANCELLED', 'The event is cancelled.')
  const nowMs = await services.events.databaseNowMs()
  if (nowMs < event.opensAt.getTime()) {
    refuse('SALE_NOT_OPEN', 'The sale has not opened yet.', {
      opensAt: event.opensAt.toISOString(),
    })
  }
  if (nowMs >= event.closesAt.getTime()) refuse('SALE_CLOSED', 'The sale has closed.')
}

export type Offer = { readonly request: SeatRequest; readonly terms: HoldTerms }

/**
 * The wish in terms of the seat map, and what it costs now. Where no section is named, those that
 * are for sale at this time are meant. How many are taken is counted only where a price depends on
 * it, and then from the hold book's snapshot of the moment.
 * @throws RefusedError SEATS_UNKNOWN | LIMIT_REACHED | SALE_NOT_OPEN (no price at this time)
 */
export async function offerNow(services: Needs, view: EventView, wish: SeatWish): Promise<Offer> {
  const { seatMap, limitPerBuyer } = view.scope
  const count = wish.kind === 'units' ? wish.units.length : wish.count
  if (count > limitPerBuyer) {
    const details = { limit: limitPerBuyer, already: 0 }
    return refuse('LIMIT_REACHED', `One person may have ${limitPerBuyer} places.`, details)
  }
  const facts = await priceFacts(services, view)
  const priced = (sections: readonly number[]) =>
    termsFor({ event: view.event, tiers: view.tiers, seatMap }, sections, facts)
  const asked = sectionsAsked(wish, seatMap)
  const named = wish.kind === 'units' || wish.sections !== undefined
  const forSale = named ? asked : asked.filter((section) => 'terms' in priced([section]))
  const outcome = priced(forSale.length > 0 ? forSale : asked)
  if ('refused' in outcome) throw new RefusedError(outcome.refused)
  return { request: requestFrom(wish, forSale), terms: outcome.terms }
}

function requestFrom(wish: SeatWish, sections: readonly number[]): SeatRequest {
  switch (wish.kind) {
    case 'units':
      return { kind: 'units', units: wish.units }
    case 'best':
      return { kind: 'best', count: wish.count, sections }
    case 'standing':
      return { kind: 'anywhere', count: wish.count, sections }
    default:
      return unreachable(wish)
  }
}

/** Indices of the sections that the wish is about. */
function sectionsAsked(wish: SeatWish, seatMap: SeatMap): number[] {
  if (wish.kind === 'units') return sectionsOfUnits(wish.units, seatMap)
  const kind = wish.kind === 'best' ? 'seated' : 'standing'
  const fitting = seatMap.sections.flatMap((section, index) =>
    section.kind === kind && (wish.sections?.includes(section.name) ?? true) ? [index] : [],
  )
  if (fitting.length >= (wish.sections?.length ?? 1)) return fitting
  return refuse('SEATS_UNKNOWN', `Not all of these are ${kind} sections of the event.`, {
    sections: wish.sections ?? [],
  })
}

function sectionsOfUnits(units: readonly number[], seatMap: SeatMap): number[] {
  const unknown = units.filter((unit) => unit >= seatMap.units)
  if (unknown.length > 0) {
    return refuse('SEATS_UNKNOWN', 'The event has no such places.', { units: unknown })
  }
  return [...new Set(units.map((unit) => sectionIndexOfUnit(seatMap, unit)))]
}

async function priceFacts(services: Needs, { tiers, scope }: EventView): Promise<TermsFacts> {
  const nowMs = await services.events.databaseNowMs()
  if (!countsMatter(tiers)) return { nowMs, takenOf: () => 0 }
  const { bitmap } = await services.holdBook.availability(scope)
  return { nowMs, takenOf: (tier) => takenOf(tier, scope.seatMap, bitmap) }
}

/** For labels: an order outlives its event's place in the catalogue. */
export function seatMapOf(
  services: Pick<Services, 'events'>,
  id: EventId,
): Promise<SeatMap | null> {
  return services.events.soldSeatMap(id)
}
