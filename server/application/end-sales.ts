/** Ends an open sale now, by the database's clock: the sale's own row first, then the event. */
import { type Event, statusAt } from '../domain/event.ts'
import { refuse } from '../domain/refusal.ts'
import { unreachable } from '../platform/assert.ts'
import { endSale, followEvent } from '../stores/event-sales.ts'
import { closeEventNow } from '../stores/events.ts'
import { inTransaction } from '../stores/transaction.ts'
import { type EventKey, readOwnEvent } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

/** @throws RefusedError NOT_FOUND | WRONG_STATE | SALE_NOT_OPEN | EVENT_CANCELLED */
export async function endSales(
  services: Pick<Services, 'db' | 'events'>,
  input: EventKey,
): Promise<Event> {
  const { db, events } = services
  const event = await readOwnEvent(db, input)
  checkOpen(event, await events.databaseNowMs())
  const sale = { region: event.homeRegion, event: event.id }
  await endSale(db, sale)
  await inTransaction(db, 'events.end', (tx) => closeEventNow(tx, event.id))
  await followEvent(db, sale)
  events.invalidate(event.id)
  return readOwnEvent(db, input)
}

/** A sale that has ended may be ended again: then only its row is brought in line. */
function checkOpen(event: Event, nowMs: number): void {
  const status = statusAt(event, nowMs)
  switch (status) {
    case 'on_sale':
    case 'ended':
      return
    case 'draft':
      return refuse('WRONG_STATE', 'The event is a draft: there is no sale to end.')
    case 'published':
      return refuse('SALE_NOT_OPEN', 'The sale has not opened. Change its window, or cancel.')
    case 'cancelled':
      return refuse('EVENT_CANCELLED', 'The event is cancelled, and its sale ended with that.')
    default:
      return unreachable(status)
  }
}
