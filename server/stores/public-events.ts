/** The list that fans browse: published events with their venues, in the order of their start. */
import type { Event } from '../domain/event.ts'
import type { Venue } from '../domain/venue.ts'
import type { EventId, VenueId } from '../platform/ids.ts'
import { eventFromRow } from './events.ts'
import type { Reader } from './reading.ts'
import { venueFromRow } from './venues.ts'

export type PublicEventFilter = {
  readonly city: string | null
  readonly category: string | null
  /** Starts at or after. */
  readonly from: Date | null
  /** Starts before. */
  readonly to: Date | null
  /** Leaves out events whose sale is over by this instant of the database's clock. */
  readonly notEndedAtMs: number | null
}

export type PublicEventPage = {
  readonly filter: PublicEventFilter
  /** The last event of the page before. */
  readonly after: { readonly startsAt: Date; readonly id: EventId } | null
  readonly limit: number
}

export type EventAtVenue = { readonly event: Event; readonly venue: Venue }

export async function listPublicEvents(
  reader: Reader,
  page: PublicEventPage,
): Promise<EventAtVenue[]> {
  const rows = await pageQuery(reader, page).execute()
  const events = rows.map(eventFromRow)
  const venues = await findVenues(reader, [...new Set(events.map((event) => event.venue))])
  return events.flatMap((event) => {
    const venue = venues.get(event.venue)
    return venue ? [{ event, venue }] : []
  })
}

function pageQuery(reader: Reader, { filter, after, limit }: PublicEventPage) {
  const { city, category, from, to, notEndedAtMs } = filter
  return reader
    .selectFrom('events')
    .selectAll('events')
    .where('state', '=', 'published')
    .$if(city !== null, (query) =>
      query.where('venue_id', 'in', (inner) =>
        inner.selectFrom('venues').select('id').where('city', '=', city),
      ),
    )
    .$if(category !== null, (query) => query.where('category', '=', category))
    .$if(from !== null, (query) => query.where('starts_at', '>=', from))
    .$if(to !== null, (query) => query.where('starts_at', '<', to))
    .$if(notEndedAtMs !== null, (query) =>
      query.where('closes_at', '>', new Date(notEndedAtMs ?? 0)),
    )
    .$if(after !== null, (query) =>
      query.where((where) =>
        where.or([
          where('starts_at', '>', after?.startsAt ?? new Date(0)),
          where.and([
            where('starts_at', '=', after?.startsAt ?? new Date(0)),
            where('id', '>', after?.id ?? ''),
          ]),
        ]),
      ),
    )
    .orderBy('starts_at')
    .orderBy('id')
    .limit(limit)
}

async function findVenues(reader: Reader, ids: readonly VenueId[]): Promise<Map<VenueId, Venue>> {
  if (ids.length === 0) return new Map()
  const rows = await reader.selectFrom('venues').selectAll().where('id', 'in', ids).execute()
  return new Map(rows.map(venueFromRow).map((venue) => [venue.id, venue]))
}
