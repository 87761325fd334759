/**
 * Takes a seat-map file into a venue: every fault with its place in the file, or a version of the
 * map named by its content. Importing the same content again answers the same. Sections go first,
 * in small statements; they mean nothing until the venue's row names them.
 */
import { refuse } from '../domain/refusal.ts'
import type { SeatMap } from '../domain/seat-map.ts'
import { seatMapHash } from '../domain/seat-map-hash.ts'
import { importSeatMap as readSeatMap, type SeatMapFormat } from '../domain/seat-map-import.ts'
import type { VenueId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from '../stores/database.ts'
import { failureKind } from '../stores/outcome.ts'
import { reading } from '../stores/reading.ts'
import {
  findSeatMapEntry,
  insertSeatMapEntry,
  insertSections,
  newestVersion,
  type SeatMapEntry,
  sectionGroups,
} from '../stores/seat-maps.ts'
import { inTransaction } from '../stores/transaction.ts'
import { getOwnVenue, type VenueKey } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type ImportSeatMapInput = VenueKey & {
  readonly format: SeatMapFormat
  readonly bytes: Uint8Array
  /** Names the map of a CSV file; a JSON file names itself. */
  readonly name?: string | undefined
}

/** @throws RefusedError NOT_FOUND (the venue) | SEAT_MAP_FAULTY with details.faults */
export async function importSeatMap(
  services: Pick<Services, 'db'>,
  input: ImportSeatMapInput,
): Promise<SeatMapEntry> {
  const { db } = services
  await reading(db, 'venues.get', (reader) => getOwnVenue(reader, input))
  const { bytes, format, name } = input
  const read = readSeatMap(bytes, format, name === undefined ? {} : { name })
  if (!read.ok) {
    const [first] = read.faults
    const where = first ? `Line ${first.line}, column ${first.column}: ${first.message}` : ''
    return refuse('SEAT_MAP_FAULTY', where, { faults: read.faults })
  }
  const key = { venue: input.venue, hash: seatMapHash(read.seatMap) }
  const known = await reading(db, 'seat-maps.find', (reader) => findSeatMapEntry(reader, key))
  if (known !== null) return known
  for (const group of sectionGroups(read.seatMap)) {
    await inTransaction(db, 'seat-maps.sections', (tx) => insertSections(tx, key.hash, group))
  }
  return nameVersion(db, key, read.seatMap)
}

/** The venue's next version of this name; a rival with the same number makes it count again. */
async function nameVersion(
  db: Database,
  key: { readonly venue: VenueId; readonly hash: string },
  seatMap: SeatMap,
): Promise<SeatMapEntry> {
  const { name, units } = seatMap
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(db, 'seat-maps.import', async (tx) => {
        const known = await findSeatMapEntry(tx, key)
        if (known !== null) return known
        const version = (await newestVersion(tx, { venue: key.venue, name })) + 1
        const entry = { ...key, name, version, units }
        await insertSeatMapEntry(tx, entry)
        return entry
      })
    } catch (cause) {
      if (failureKind(cause) !== 'duplicate' || attempt >= limits.transactionAttemptsMax)
        throw cause
    }
  }
}
