/**
 * Cancels an event for good. The sale's own row goes first, as the sale's statement reads it: the
 * next sale is refused at once, on every server. A crash after that is repaired by cancelling again.
 */
import type { Event } from '../domain/event.ts'
import { refuse } from '../domain/refusal.ts'
import { limits } from '../platform/limits.ts'
import { cancelSale } from '../stores/event-sales.ts'
import { moveEvent } from '../stores/events.ts'
import { inTransaction } from '../stores/transaction.ts'
import { type EventKey, readOwnEvent } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

/** @throws RefusedError NOT_FOUND | CONTENTION */
export async function cancelEvent(
  services: Pick<Services, 'db' | 'events'>,
  input: EventKey,
): Promise<Event> {
  const { db, events } = services
  for (let attempt = 1; attempt <= limits.transactionAttemptsMax; attempt += 1) {
    const event = await readOwnEvent(db, input)
    if (event.state === 'cancelled') return event
    // A draft has no sale, and once it is cancelled it cannot be sealed for one.
    if (event.state !== 'draft') await cancelSale(db, { region: event.homeRegion, event: event.id })
    const cancelled = await inTransaction(db, 'events.cancel', (tx) =>
      moveEvent(tx, event, 'cancelled'),
    )
    events.invalidate(input.event)
    if (cancelled !== null) return cancelled
  }
  return refuse('CONTENTION', 'The event is being changed by others. Cancel it again.')
}
