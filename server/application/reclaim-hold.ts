/**
 * A hold that was lost, with its region or with its Redis: the fan shows the signed token and has
 * the same seats again, at the same price and for what is left of the time, if they are free.
 */
import type { Person } from '../domain/access.ts'
import type { SeatRequest } from '../domain/hold.ts'
import { refuse } from '../domain/refusal.ts'
import { type HeldSeats, heldSeats } from './held-seats.ts'
import { heldOrRefused } from './place-hold.ts'
import { assertOpen, assertOurs, saleOf } from './sale-view.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'events' | 'authorities' | 'holdBook' | 'holdTokens' | 'metrics'>

export async function reclaimHold(
  services: Needs,
  caller: Person,
  input: { readonly holdToken: string },
): Promise<HeldSeats> {
  const hold = await services.holdTokens.verify(input.holdToken)
  if (hold === null || hold.buyer !== caller.id) {
    return refuse('HOLD_TOKEN_INVALID', 'This is no hold token of yours. Hold the seats again.')
  }
  const sale = await saleOf(services, hold.event)
  // Extended since, it lives longer than its token says; and what lives was not lost.
  const living = await services.holdBook.find(sale.scope, hold.id, caller.id)
  if (living !== null) return heldSeats(services, sale, living)
  if (hold.expiresInMs <= 0) {
    return refuse('HOLD_EXPIRED', 'The hold has run out. Hold the seats again with a new key.')
  }
  await assertOpen(services, sale)
  const request: SeatRequest = { kind: 'units', units: hold.units }
  const { id, buyer, digest, terms } = hold
  const ttlMs = Math.floor(hold.expiresInMs)
  const capMs = Math.max(ttlMs, Math.floor(hold.capInMs))
  const wish = { id, buyer, request, digest, terms, ttlMs, capMs }
  const outcome = await services.holdBook.place(sale.scope, wish)
  assertOurs(services, sale.scope)
  const held = heldOrRefused(outcome, { request, sale })
  if (!(outcome.kind === 'held' && outcome.repeated)) services.metrics.held(held.units.length)
  return heldSeats(services, sale, held)
}
