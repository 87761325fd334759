/** Makes a draft of an event, homed in one region for good. The same key makes it once. */
import { type Event, type EventFields, refuseEvent, sameEvent } from '../domain/event.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { derivedSuffix, type EventId, type OrganisationId } from '../platform/ids.ts'
import { findEvents, insertEvent } from '../stores/events.ts'
import { inTransaction } from '../stores/transaction.ts'
import {
  checkKey,
  getOwnVenue,
  getSeatMapEntry,
  keyReused,
  throwIfRefused,
} from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type CreateEventInput = EventFields & {
  readonly organisation: OrganisationId
  readonly key: string
  /** Where its sales rows live, by the database's name; this server's region unless told. */
  readonly homeRegion?: string | undefined
}

type Needs = Pick<Services, 'db' | 'regions' | 'region'>

/** @throws RefusedError BAD_INPUT | NOT_FOUND (venue, seat map) | KEY_REUSED */
export async function createEvent(services: Needs, input: CreateEventInput): Promise<Event> {
  const { organisation, key, homeRegion = services.region, ...fields } = input
  checkKey(key)
  if (!services.regions.has(homeRegion)) {
    return refuse('BAD_INPUT', `homeRegion: ${homeRegionNames(services)}`)
  }
  throwIfRefused(refuseEvent(fields))
  const suffix = derivedSuffix(['event', organisation, key])
  const id = `evt_${services.regions.codeOf(homeRegion)}_${suffix}` as EventId
  const everywhere = services.regions.all.map(({ code }) => `evt_${code}_${suffix}` as EventId)
  const stored = await inTransaction(services.db, 'events.create', async (tx) => {
    const venue = await getOwnVenue(tx, { organisation, venue: fields.venue })
    const map = await getSeatMapEntry(tx, { venue: venue.id, hash: fields.seatMapHash })
    // The key may have been used for another home region: then the id is another one.
    const [existing] = await findEvents(tx, everywhere)
    if (existing !== undefined) return existing
    const origin = { id, organisation, homeRegion, units: map.units }
    await insertEvent(tx, { ...fields, ...origin, state: 'draft', version: 1 })
    const [made] = await findEvents(tx, [id])
    return present(made, 'the event just made')
  })
  const same = stored.id === id && (stored.version > 1 || sameEvent(stored, fields))
  return same ? stored : keyReused()
}

function homeRegionNames(services: Needs): string {
  return `must be one of ${services.regions.all.map(({ name }) => name).join(', ')}`
}
