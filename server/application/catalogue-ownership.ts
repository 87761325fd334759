/** Whose things are: what belongs to another organisation looks as if it did not exist. */
import type { Event } from '../domain/event.ts'
import { type Refusal, RefusedError, refuse } from '../domain/refusal.ts'
import type { Venue } from '../domain/venue.ts'
import type { EventId, OrganisationId, VenueId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from '../stores/database.ts'
import { findEvent } from '../stores/events.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { findSeatMapEntry, type SeatMapEntry } from '../stores/seat-maps.ts'
import { findVenue } from '../stores/venues.ts'

export type VenueKey = { readonly organisation: OrganisationId; readonly venue: VenueId }
export type EventKey = { readonly organisation: OrganisationId; readonly event: EventId }

/** What changes: a field that is left out, or undefined, stays as it is. */
export type Changes<Fields> = { readonly [Field in keyof Fields]?: Fields[Field] | undefined }

/** The fields of `current` with `changes` put over them. */
export function changed<Fields extends object>(
  current: Fields,
  changes: Changes<NoInfer<Fields>>,
): Fields {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  return { ...current, ...Object.fromEntries(given) }
}

/** @throws RefusedError NOT_FOUND */
export async function getOwnVenue(reader: Reader, key: VenueKey): Promise<Venue> {
  const venue = await findVenue(reader, key.venue)
  if (venue?.organisation === key.organisation) return venue
  return refuse('NOT_FOUND', 'There is no such venue.')
}

/** @throws RefusedError NOT_FOUND */
export async function getOwnEvent(reader: Reader, key: EventKey): Promise<Event> {
  const event = await findEvent(reader, key.event)
  if (event?.organisation === key.organisation) return event
  return refuse('NOT_FOUND', 'There is no such event.')
}

/** The event as it is now, read outside of any transaction. @throws RefusedError NOT_FOUND */
export function readOwnEvent(db: Database, key: EventKey): Promise<Event> {
  return reading(db, 'events.get', (reader) => getOwnEvent(reader, key))
}

/** @throws RefusedError NOT_FOUND when the venue has no map of this hash */
export async function getSeatMapEntry(
  reader: Reader,
  key: { readonly venue: VenueId; readonly hash: string },
): Promise<SeatMapEntry> {
  const entry = await findSeatMapEntry(reader, key)
  return entry ?? refuse('NOT_FOUND', 'This venue has no such seat map. Import it first.')
}

/** Somebody else edited the thing since the caller read it. */
export function editConflict(current: number): never {
  const message = 'Somebody else changed this meanwhile. Read it again, then repeat your change.'
  return refuse('EDIT_CONFLICT', message, { version: current })
}

/** The key made something else before. */
export function keyReused(): never {
  return refuse('KEY_REUSED', 'This key stands for something else. Make a new key per wish.')
}

/** Keys reach ids only as hashes, but an endless one costs time. */
export function checkKey(key: string): void {
  if (key.length >= 1 && key.length <= limits.keyCharactersMax) return
  refuse('BAD_INPUT', `key: must have 1 to ${limits.keyCharactersMax} characters`)
}

/** Throws what the domain refused, if it did. */
export function throwIfRefused(refused: Refusal | null): void {
  if (refused !== null) throw new RefusedError(refused)
}
