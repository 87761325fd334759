/** What there was before a change, for the audit log: only reads, of what the input names. */
import { type EventKey, readOwnEvent, type VenueKey } from '../application/catalogue-ownership.ts'
import { getVenue } from '../application/list-venues.ts'
import { getOrganisationEvent } from '../application/organisation-events.ts'
import type { Services } from '../application/services.ts'

export function eventBefore({ db }: Services, input: EventKey): Promise<unknown> {
  return readOwnEvent(db, input)
}

export function pricesBefore(services: Services, input: EventKey): Promise<unknown> {
  return getOrganisationEvent(services, input)
}

export function venueBefore(services: Services, input: VenueKey): Promise<unknown> {
  return getVenue(services, input)
}
