/**
 * Seat maps: immutable, named by the hash of their content, one row a section. Sections are shared
 * by all venues with the same map; a venue's row says under which name and version it has one.
 */
import type { SeatMap, Section } from '../domain/seat-map.ts'
import { assert } from '../platform/assert.ts'
import type { VenueId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

/** A venue's seat map without its places. */
export type SeatMapEntry = {
  readonly venue: VenueId
  readonly hash: string
  readonly name: string
  /** Counts a venue's maps of one name from 1. */
  readonly version: number
  readonly units: number
}

const entryColumns = ['venue_id', 'hash', 'name', 'version', 'units'] as const
type EntryRow = { venue_id: string; hash: string; name: string; version: number; units: number }

export async function findSeatMapEntry(
  reader: Reader,
  key: { readonly venue: VenueId; readonly hash: string },
): Promise<SeatMapEntry | null> {
  const row = await reader
    .selectFrom('seat_maps')
    .select(entryColumns)
    .where('venue_id', '=', key.venue)
    .where('hash', '=', key.hash)
    .executeTakeFirst()
  return row ? entryFromRow(row) : null
}

/** The newest version of a venue's maps of this name; 0 when it has none. */
export async function newestVersion(
  reader: Reader,
  key: { readonly venue: VenueId; readonly name: string },
): Promise<number> {
  const row = await reader
    .selectFrom('seat_maps')
    .select('version')
    .where('venue_id', '=', key.venue)
    .where('name', '=', key.name)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.version ?? 0
}

/** @throws 23505 when a rival took the version: read the newest again */
export async function insertSeatMapEntry(tx: Tx, entry: SeatMapEntry): Promise<void> {
  const { venue, hash, name, version, units } = entry
  await tx.insertInto('seat_maps').values({ venue_id: venue, hash, name, version, units }).execute()
}

export type SeatMapPage = {
  readonly venue: VenueId
  /** The last hash of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of a venue's maps in the order of their hashes. */
export async function listSeatMapEntries(
  reader: Reader,
  page: SeatMapPage,
): Promise<SeatMapEntry[]> {
  const rows = await reader
    .selectFrom('seat_maps')
    .select(entryColumns)
    .where('venue_id', '=', page.venue)
    .where('hash', '>', page.after)
    .orderBy('hash')
    .limit(page.limit)
    .execute()
  return rows.map(entryFromRow)
}

/** CockroachDB wants statements and rows below a megabyte; the largest section fills half of it. */
const statementMaxBytes = 512 * 1024

/** Groups sections so that each insert stays small. */
export function sectionGroups(seatMap: SeatMap): { section: number; body: string }[][] {
  const groups: { section: number; body: string }[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [section, content] of seatMap.sections.entries()) {
    const body = JSON.stringify(content)
    const size = Buffer.byteLength(body)
    if (bytes + size > statementMaxBytes) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push({ section, body })
    bytes += size
  }
  return groups
}

/** Content named by its hash: what is there already is the same. */
export async function insertSections(
  tx: Tx,
  hash: string,
  sections: readonly { readonly section: number; readonly body: string }[],
): Promise<void> {
  await tx
    .insertInto('seat_map_sections')
    .values(sections.map(({ section, body }) => ({ hash, section, body })))
    .onConflict((conflict) => conflict.columns(['hash', 'section']).doNothing())
    .execute()
}

/** The whole map, put together from its sections. */
export async function findSeatMap(
  reader: Reader,
  entry: Pick<SeatMapEntry, 'hash' | 'name' | 'units'>,
): Promise<SeatMap> {
  const rows = await reader
    .selectFrom('seat_map_sections')
    .select(['section', 'body'])
    .where('hash', '=', entry.hash)
    .orderBy('section')
    .execute()
  const sections = rows.map((row) => row.body as unknown as Section)
  const end = sections.reduce((next, section) => {
    assert(section.firstUnit === next, 'sections follow each other without a gap')
    return next + section.units
  }, 0)
  assert(end === entry.units, 'a seat map has all of its sections')
  return { name: entry.name, units: entry.units, sections }
}

function entryFromRow(row: EntryRow): SeatMapEntry {
  assert(row.units > 0, 'a seat map has units')
  const { hash, name, version, units } = row
  return { venue: row.venue_id as VenueId, hash, name, version, units }
}
