/** Holds seats for a fan: judged by the event's window, priced now, granted by the hold book. */
import { createHash } from 'node:crypto'
import type { Person } from '../domain/access.ts'
import { type Hold, type SeatRequest, type SeatWish, unitCount } from '../domain/hold.ts'
import type { PlaceOutcome } from '../domain/hold-book.ts'
import { refuse } from '../domain/refusal.ts'
import { unreachable } from '../platform/assert.ts'
import { type EventId, orderIdFor } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { type HeldSeats, heldSeats } from './held-seats.ts'
import { assertOpen, assertOurs, offerNow, type SaleView, saleOf } from './sale-view.ts'
import type { Services } from './services.ts'

export type PlaceHoldInput = {
  readonly event: EventId
  /** Made once per wish by the client and kept over retries. */
  readonly key: string
  readonly seats: SeatWish
}

type Needs = Pick<
  Services,
  'events' | 'authorities' | 'holdBook' | 'holdTokens' | 'regions' | 'metrics'
>

export async function placeHold(
  services: Needs,
  caller: Person,
  input: PlaceHoldInput,
): Promise<HeldSeats> {
  const sale = await saleOf(services, input.event)
  const id = orderIdFor({ event: input.event, buyer: caller.id, key: input.key })
  await assertOpen(services, sale)
  const { request, terms } = await offerNow(services, sale, input.seats)
  const outcome = await services.holdBook.place(sale.scope, {
    id,
    buyer: caller.id,
    request,
    digest: digestOf(input.seats),
    terms,
    ttlMs: sale.event.holdMinutes * 60_000,
    capMs: limits.holdLifeMaxMs,
  })
  assertOurs(services, sale.scope)
  const hold = heldOrRefused(outcome, { request, sale })
  if (!(outcome.kind === 'held' && outcome.repeated)) services.metrics.held(hold.units.length)
  return heldSeats(services, sale, hold)
}

/** The same wish has the same digest, whatever the order in which a client lists its units. */
function digestOf(wish: SeatWish): string {
  const ascending = (units: readonly number[]) => [...units].sort((a, b) => a - b)
  const canonical =
    wish.kind === 'units'
      ? [wish.kind, ascending(wish.units)]
      : [wish.kind, wish.count, [...(wish.sections ?? [])].sort()]
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex')
}

export function heldOrRefused(
  outcome: PlaceOutcome,
  asked: { readonly request: SeatRequest; readonly sale: SaleView },
): Hold {
  const count = unitCount(asked.request)
  switch (outcome.kind) {
    case 'held':
      return outcome.hold
    case 'taken':
      return refuse('SEATS_TAKEN', 'Some of these seats were just taken. Choose others.', {
        units: outcome.units,
      })
    case 'sold-out':
      return refuse('SOLD_OUT', `Fewer than ${count} places are free here. Try other sections.`)
    case 'not-together':
      return refuse('NOT_TOGETHER', `No ${count} free seats side by side. Try fewer or elsewhere.`)
    case 'limit':
      return refuse('LIMIT_REACHED', 'That would be more places than one person may have.', {
        limit: asked.sale.scope.limitPerBuyer,
        already: outcome.already,
      })
    case 'key-reused':
      return refuse('KEY_REUSED', 'This key stands for another wish. Make a new key per wish.')
    case 'ended':
      return refuse('HOLD_EXPIRED', 'The hold of this key has ended. Hold again with a new key.')
    default:
      return unreachable(outcome)
  }
}
