/**
 * Puts these price tiers in place of an event's. Holds keep the prices that were promised with
 * them; only later holds see the new ones. A published event stays completely priced.
 */
import { beingPublished, type Event } from '../domain/event.ts'
import { type PriceTier, refuseOffer, refuseTiers } from '../domain/pricing.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { updateEventRow } from '../stores/events.ts'
import { replaceTiers } from '../stores/price-tiers.ts'
import { inTransaction } from '../stores/transaction.ts'
import { type EventKey, editConflict, readOwnEvent, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type SetPriceTiersInput = EventKey & {
  /** The event's version that the caller read. */
  readonly version: number
  readonly tiers: readonly PriceTier[]
}

export type PricedEvent = { readonly event: Event; readonly tiers: readonly PriceTier[] }

/** @throws RefusedError BAD_INPUT | NOT_FOUND | EDIT_CONFLICT | PRICES_INCOMPLETE | WRONG_STATE */
export async function setPriceTiers(
  services: Pick<Services, 'db' | 'events'>,
  input: SetPriceTiersInput,
): Promise<PricedEvent> {
  const { db, events } = services
  const { tiers } = input
  const current = await readOwnEvent(db, input)
  if (current.state === 'cancelled') return refuse('EVENT_CANCELLED', 'The event is cancelled.')
  if (current.state === 'publishing') return refuse('WRONG_STATE', beingPublished)
  if (current.version !== input.version) return editConflict(current.version)
  const seatMap = present(await events.seatMap(current.venue, current.seatMapHash), 'its seat map')
  const offer = { event: current, tiers, seatMap }
  throwIfRefused(current.state === 'published' ? refuseOffer(offer) : refuseTiers(offer))
  const event = await inTransaction(db, 'price-tiers.set', async (tx) => {
    const next = await updateEventRow(tx, current)
    if (next !== null) await replaceTiers(tx, current.id, tiers)
    return next
  })
  events.invalidate(current.id)
  if (event === null) return editConflict((await readOwnEvent(db, input)).version)
  return { event, tiers }
}
