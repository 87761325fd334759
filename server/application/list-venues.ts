/** Pages of what an organisation has: venues, and the seat maps of one. */
import type { Venue } from '../domain/venue.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { reading } from '../stores/reading.ts'
import { listSeatMapEntries, type SeatMapEntry } from '../stores/seat-maps.ts'
import { listVenueRows } from '../stores/venues.ts'
import { getOwnVenue, type VenueKey } from './catalogue-ownership.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db'>

export async function listVenues(
  services: Needs,
  input: PageInput & { readonly organisation: OrganisationId },
): Promise<Page<Venue>> {
  const { organisation } = input
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { organisation, after, limit: rowsToRead(input) }
  const rows = await reading(services.db, 'venues.list', (reader) => listVenueRows(reader, page))
  return pageOf(rows, input, (venue) => [venue.id])
}

/** @throws RefusedError NOT_FOUND */
export function getVenue({ db }: Needs, key: VenueKey): Promise<Venue> {
  return reading(db, 'venues.get', (reader) => getOwnVenue(reader, key))
}

/** @throws RefusedError NOT_FOUND */
export async function listSeatMaps(
  services: Needs,
  input: PageInput & VenueKey,
): Promise<Page<SeatMapEntry>> {
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { venue: input.venue, after, limit: rowsToRead(input) }
  const rows = await reading(services.db, 'seat-maps.list', async (reader) => {
    await getOwnVenue(reader, input)
    return listSeatMapEntries(reader, page)
  })
  return pageOf(rows, input, (entry) => [entry.hash])
}
