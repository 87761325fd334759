/**
 * Changes an event that nobody else has changed since it was read. Of a published one the sale's
 * own row is narrowed first, so that what is forbidden from now on is not sold meanwhile; then the
 * event changes; then the sale's row follows it. A crash between leaves a sale that is too narrow,
 * never too wide, and repeating the change, or refusing it, brings the row back in line.
 */
import { type Event, type EventFields, refuseChange } from '../domain/event.ts'
import { refuseOffer } from '../domain/pricing.ts'
import { present } from '../platform/assert.ts'
import type { Database } from '../stores/database.ts'
import { followEvent, restrictSale } from '../stores/event-sales.ts'
import { updateEventRow } from '../stores/events.ts'
import { listTiers } from '../stores/price-tiers.ts'
import { reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import {
  type Changes,
  changed,
  type EventKey,
  editConflict,
  getOwnEvent,
  getOwnVenue,
  getSeatMapEntry,
  readOwnEvent,
  throwIfRefused,
} from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type UpdateEventInput = EventKey & {
  /** The version that the caller read. */
  readonly version: number
  readonly changes: Changes<EventFields>
}

type Needs = Pick<Services, 'db' | 'events'>

/** @throws RefusedError BAD_INPUT | NOT_FOUND | EDIT_CONFLICT | WRONG_STATE | EVENT_CANCELLED */
export async function updateEvent(services: Needs, input: UpdateEventInput): Promise<Event> {
  const { db } = services
  const current = await readOwnEvent(db, input)
  const next: Event = { ...current, ...changed<EventFields>(current, input.changes) }
  const sale = { region: current.homeRegion, event: current.id }
  const live = current.state === 'published'
  if (current.version === input.version) {
    throwIfRefused(refuseChange(current, next))
    if (live) await checkPrices(services, next)
    if (live) await restrictSale(db, sale, next)
  }
  const stored = current.version === input.version ? await writeEvent(db, next) : null
  if (live) await followEvent(db, sale)
  services.events.invalidate(current.id)
  return stored ?? conflict(db, input)
}

async function conflict(db: Database, input: UpdateEventInput): Promise<never> {
  return editConflict((await readOwnEvent(db, input)).version)
}

/** Dearer fees or a higher limit must not make an order that no charge can take. */
async function checkPrices(services: Needs, event: Event): Promise<void> {
  const { db, events } = services
  const tiers = await reading(db, 'price-tiers.list', (reader) => listTiers(reader, event.id))
  const seatMap = present(await events.seatMap(event.venue, event.seatMapHash), 'its seat map')
  throwIfRefused(refuseOffer({ event, tiers, seatMap }))
}

/** null: somebody else was faster. */
function writeEvent(db: Database, next: Event): Promise<Event | null> {
  return inTransaction(db, 'events.update', async (tx) => {
    const current = await getOwnEvent(tx, { organisation: next.organisation, event: next.id })
    if (current.version !== next.version) return null
    const { organisation, venue, seatMapHash: hash } = next
    if (current.venue === venue && current.seatMapHash === hash) return updateEventRow(tx, next)
    await getOwnVenue(tx, { organisation, venue })
    const { units } = await getSeatMapEntry(tx, { venue, hash })
    return updateEventRow(tx, { ...next, units })
  })
}
