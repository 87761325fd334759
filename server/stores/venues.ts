/** Venues: rows to and from what the domain calls a venue. */
import type { Selectable } from 'kysely'
import type { Venue, VenueFields } from '../domain/venue.ts'
import { assert } from '../platform/assert.ts'
import type { OrganisationId, VenueId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Venues } from './schema-types.ts'
import type { Tx } from './transaction.ts'

export async function findVenue(reader: Reader, id: VenueId): Promise<Venue | null> {
  const row = await reader.selectFrom('venues').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? venueFromRow(row) : null
}

/** Does nothing when the id is there already. */
export async function insertVenue(tx: Tx, venue: Venue): Promise<void> {
  const { id, organisation, version } = venue
  await tx
    .insertInto('venues')
    .values({ id, organisation_id: organisation, version, ...columnsOf(venue) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** The venue as it is now, or null when `venue.version` was not the stored one. */
export async function updateVenueRow(tx: Tx, venue: Venue): Promise<Venue | null> {
  const { id, organisation, version } = venue
  const row = await tx
    .updateTable('venues')
    .set({ ...columnsOf(venue), version: version + 1 })
    .where('id', '=', id)
    .where('organisation_id', '=', organisation)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
  return row ? venueFromRow(row) : null
}

export type VenuePage = {
  readonly organisation: OrganisationId
  /** The last id of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of an organisation's venues in the order of their ids. */
export async function listVenueRows(reader: Reader, page: VenuePage): Promise<Venue[]> {
  const rows = await reader
    .selectFrom('venues')
    .selectAll()
    .where('organisation_id', '=', page.organisation)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(venueFromRow)
}

function columnsOf(fields: VenueFields) {
  return {
    name: fields.name,
    time_zone: fields.timeZone,
    address: fields.address,
    city: fields.city,
    country: fields.country,
    latitude: fields.latitude,
    longitude: fields.longitude,
  }
}

export function venueFromRow(row: Selectable<Venues>): Venue {
  assert(row.version > 0, 'versions begin at one')
  return {
    id: row.id as VenueId,
    organisation: row.organisation_id as OrganisationId,
    name: row.name,
    timeZone: row.time_zone,
    address: row.address,
    city: row.city,
    country: row.country,
    latitude: row.latitude,
    longitude: row.longitude,
    version: row.version,
  }
}
