/** What a fan does with a hold of theirs: look, extend, give back. Foreign and missing look alike. */
import type { Person } from '../domain/access.ts'
import type { Hold } from '../domain/hold.ts'
import { refuse } from '../domain/refusal.ts'
import type { EventId, OrderId } from '../platform/ids.ts'
import { type HeldSeats, heldSeats } from './held-seats.ts'
import { assertOurs, type SaleView, saleOf } from './sale-view.ts'
import type { Services } from './services.ts'

export type HoldInput = { readonly event: EventId; readonly hold: OrderId }

type Needs = Pick<Services, 'events' | 'authorities' | 'holdBook' | 'holdTokens' | 'regions'>

export async function getHold(
  services: Needs,
  caller: Person,
  input: HoldInput,
): Promise<HeldSeats> {
  const { sale, hold } = await ownHold(services, caller, input)
  return heldSeats(services, sale, hold)
}

/** Sets the hold's life to the event's hold minutes from now, up to the cap on its total life. */
export async function extendHold(
  services: Needs,
  caller: Person,
  input: HoldInput,
): Promise<HeldSeats> {
  const { sale } = await ownHold(services, caller, input)
  const ttlMs = sale.event.holdMinutes * 60_000
  const outcome = await services.holdBook.extend(sale.scope, input.hold, ttlMs)
  assertOurs(services, sale.scope)
  if (outcome.kind === 'gone') return noSuchHold()
  if (outcome.kind === 'at-cap') {
    return refuse('HOLD_AT_CAP', 'This hold cannot live longer. Check out now.', {
      expiresInMs: outcome.hold.expiresInMs,
    })
  }
  return heldSeats(services, sale, outcome.hold)
}

/** Gives the seats back. Doing it twice is as good as once. */
export async function releaseHold(
  services: Needs,
  caller: Person,
  input: HoldInput,
): Promise<{ readonly released: boolean }> {
  const sale = await saleOf(services, input.event)
  const hold = await services.holdBook.find(sale.scope, input.hold, caller.id)
  assertOurs(services, sale.scope)
  // Somebody else's looks like one that is not there.
  if (hold === null) return { released: false }
  const released = await services.holdBook.release(sale.scope, input.hold)
  assertOurs(services, sale.scope)
  return { released }
}

async function ownHold(
  services: Needs,
  caller: Person,
  input: HoldInput,
): Promise<{ sale: SaleView; hold: Hold }> {
  const sale = await saleOf(services, input.event)
  const hold = await services.holdBook.find(sale.scope, input.hold, caller.id)
  assertOurs(services, sale.scope)
  if (hold === null) return noSuchHold()
  return { sale, hold }
}

function noSuchHold(): never {
  return refuse('NOT_FOUND', 'There is no such hold. It may have expired; hold again.')
}
