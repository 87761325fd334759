/** Events: rows to and from what the domain calls an event, each change a compare-and-set. */
import { type Selectable, sql } from 'kysely'
import type { Event, StoredState } from '../domain/event.ts'
import { assert } from '../platform/assert.ts'
import type { EventId, OrganisationId, VenueId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Events } from './schema-types.ts'
import type { Tx } from './transaction.ts'

export async function findEvent(reader: Reader, id: EventId): Promise<Event | null> {
  const row = await reader.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? eventFromRow(row) : null
}

/** Those of these events that exist, in no order. */
export async function findEvents(reader: Reader, ids: readonly EventId[]): Promise<Event[]> {
  const rows = await reader.selectFrom('events').selectAll().where('id', 'in', ids).execute()
  return rows.map(eventFromRow)
}

/** Does nothing when the id is there already. */
export async function insertEvent(tx: Tx, event: Event): Promise<void> {
  const { id, organisation, homeRegion, state, version } = event
  await tx
    .insertInto('events')
    .values({
      id,
      organisation_id: organisation,
      home_region: homeRegion,
      state,
      version,
      ...columnsOf(event),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** The event as it is now, or null when `event.version` or its state was not the stored one. */
export async function updateEventRow(tx: Tx, event: Event): Promise<Event | null> {
  const { id, organisation, state, version } = event
  const row = await tx
    .updateTable('events')
    .set({ ...columnsOf(event), version: version + 1 })
    .where('id', '=', id)
    .where('organisation_id', '=', organisation)
    .where('state', '=', state)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
  return row ? eventFromRow(row) : null
}

/** Moves an event from one state to another; null when it was not in the first any more. */
export async function moveEvent(
  tx: Tx,
  event: Pick<Event, 'id' | 'version' | 'state'>,
  state: StoredState,
): Promise<Event | null> {
  const row = await tx
    .updateTable('events')
    .set({ state, version: event.version + 1 })
    .where('id', '=', event.id)
    .where('state', '=', event.state)
    .where('version', '=', event.version)
    .returningAll()
    .executeTakeFirst()
  return row ? eventFromRow(row) : null
}

/** Ends the window at the database's now, where it is open. */
export async function closeEventNow(tx: Tx, id: EventId): Promise<void> {
  await tx
    .updateTable('events')
    .set({ closes_at: sql<Date>`now()`, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('state', '=', 'published')
    .where('opens_at', '<', sql<Date>`now()`)
    .where('closes_at', '>', sql<Date>`now()`)
    .execute()
}

export type EventPage = {
  readonly organisation: OrganisationId
  /** The last id of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of an organisation's events, drafts and all, in the order of their ids. */
export async function listEventRows(reader: Reader, page: EventPage): Promise<Event[]> {
  const rows = await reader
    .selectFrom('events')
    .selectAll()
    .where('organisation_id', '=', page.organisation)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(eventFromRow)
}

function columnsOf(event: Omit<Event, 'id' | 'organisation' | 'homeRegion' | 'state' | 'version'>) {
  return {
    venue_id: event.venue,
    seat_map_hash: event.seatMapHash,
    name: event.name,
    description: event.description,
    category: event.category,
    starts_at: event.startsAt,
    opens_at: event.opensAt,
    closes_at: event.closesAt,
    limit_per_buyer: event.limitPerBuyer,
    hold_minutes: event.holdMinutes,
    currency: event.currency,
    fee_fixed: event.fees.fixed,
    fee_basis_points: event.fees.basisPoints,
    units: event.units,
  }
}

export function eventFromRow(row: Selectable<Events>): Event {
  assert(row.version > 0, 'versions begin at one')
  assert(row.opens_at <= row.closes_at, 'a window does not end before it begins')
  return {
    id: row.id as EventId,
    organisation: row.organisation_id as OrganisationId,
    homeRegion: row.home_region,
    venue: row.venue_id as VenueId,
    seatMapHash: row.seat_map_hash,
    name: row.name,
    description: row.description,
    category: row.category,
    state: row.state as StoredState,
    startsAt: row.starts_at,
    opensAt: row.opens_at,
    closesAt: row.closes_at,
    limitPerBuyer: row.limit_per_buyer,
    holdMinutes: row.hold_minutes,
    currency: row.currency,
    fees: { fixed: row.fee_fixed, basisPoints: row.fee_basis_points },
    units: row.units,
    version: row.version,
  }
}
