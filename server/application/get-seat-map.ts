/** A seat map: of an event for fans, of a venue for its organisation. Immutable once answered. */
import { refuse } from '../domain/refusal.ts'
import type { SeatMap } from '../domain/seat-map.ts'
import type { EventId } from '../platform/ids.ts'
import { reading } from '../stores/reading.ts'
import { getOwnVenue, type VenueKey } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type NamedSeatMap = { readonly hash: string; readonly seatMap: SeatMap }

/** @throws RefusedError NOT_FOUND also for an event that fans may not see */
export async function getSeatMap(
  services: Pick<Services, 'events'>,
  input: { readonly event: EventId },
): Promise<NamedSeatMap> {
  const view = await services.events.get(input.event)
  if (view === null) return refuse('NOT_FOUND', 'There is no such event.')
  return { hash: view.event.seatMapHash, seatMap: view.scope.seatMap }
}

/** @throws RefusedError NOT_FOUND */
export async function getVenueSeatMap(
  services: Pick<Services, 'db' | 'events'>,
  input: VenueKey & { readonly hash: string },
): Promise<NamedSeatMap> {
  const venue = await reading(services.db, 'venues.get', (reader) => getOwnVenue(reader, input))
  const seatMap = await services.events.seatMap(venue.id, input.hash)
  if (seatMap === null) return refuse('NOT_FOUND', 'This venue has no such seat map.')
  return { hash: input.hash, seatMap }
}
