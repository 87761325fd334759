/** The catalogue over the wire: instants as ISO text, seats of a section only where asked for. */
import type { z } from 'zod'
import type { PublicEvent } from '../application/get-event.ts'
import type { EventSummary } from '../application/list-events.ts'
import type { Event } from '../domain/event.ts'
import type { PriceTier } from '../domain/pricing.ts'
import type { SeatMap, Section } from '../domain/seat-map.ts'
import type { Venue } from '../domain/venue.ts'
import type * as shapes from './catalogue-shapes.ts'

export function presentVenue(venue: Venue): z.input<typeof shapes.venue> {
  return venue
}

export function presentSummary(summary: EventSummary): z.input<typeof shapes.eventSummary> {
  const { event, venue, status } = summary
  const { id, name, category, currency } = event
  return { id, name, category, currency, status, venue, ...times(event) }
}

export function presentEvent(found: PublicEvent): z.input<typeof shapes.event> {
  const { event, venue, tiers } = found
  const { description, homeRegion, seatMapHash, units, limitPerBuyer, holdMinutes } = event
  return {
    ...presentSummary(found),
    description,
    homeRegion,
    seatMapHash,
    units,
    limitPerBuyer,
    holdMinutes,
    venue: presentVenue(venue),
    tiers: tiers.map((tier) => ({ ...tier, sections: [...tier.sections] })),
  }
}

/** @param section the one whose rows and seats are wanted; undefined: the outline alone */
export function presentSeatMap(
  found: { readonly hash: string; readonly seatMap: SeatMap },
  section: string | undefined,
): z.input<typeof shapes.seatMap> {
  const { name, units, sections } = found.seatMap
  const wanted = sections.filter((each) => section === undefined || each.name === section)
  const detailed = section !== undefined
  return {
    hash: found.hash,
    name,
    units,
    sections: wanted.map((each) => presentSection(each, detailed)),
  }
}

function presentSection(section: Section, detailed: boolean): z.input<typeof shapes.section> {
  const { name, kind, firstUnit, units } = section
  const outline = { name, kind, firstUnit, units }
  if (!detailed || section.kind !== 'seated') return outline
  const rows = section.rows.map((row) => ({ ...row, seats: [...row.seats] }))
  return { ...outline, rows }
}

export function presentManagedEvent(event: Event): z.input<typeof shapes.managedEvent> {
  return { ...event, ...times(event) }
}

export function presentTier(tier: PriceTier): z.input<typeof shapes.managedTier> {
  const rules = tier.rules.map((rule) => ({
    ...rule,
    from: rule.from?.toISOString() ?? null,
    until: rule.until?.toISOString() ?? null,
  }))
  return { ...tier, sections: [...tier.sections], rules }
}

function times({ startsAt, opensAt, closesAt }: Event) {
  return {
    startsAt: startsAt.toISOString(),
    opensAt: opensAt.toISOString(),
    closesAt: closesAt.toISOString(),
  }
}
