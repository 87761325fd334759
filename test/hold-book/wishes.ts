/** Wishes and answers in short, for tests. */
import { expect } from 'vitest'
import type { Hold, SeatRequest } from '../../server/domain/hold.ts'
import type { HoldBook, HoldScope, HoldWish } from '../../server/domain/hold-book.ts'
import { stateAt, type UnitState } from '../../server/domain/units.ts'
import { type OrderId, orderIdFor } from '../../server/platform/ids.ts'

export type WishPart = Partial<Omit<HoldWish, 'id' | 'request'>> & { readonly key: string }

const terms = { currency: 'EUR', prices: [{ section: 0, tier: 'a', price: 5_000, fee: 250 }] }

export function idOf(scope: HoldScope, part: { key: string; buyer?: string }): OrderId {
  return orderIdFor({ event: scope.event, buyer: part.buyer ?? 'buyer', key: part.key })
}

export function wishOf(scope: HoldScope, request: SeatRequest, part: WishPart): HoldWish {
  const buyer = part.buyer ?? 'buyer'
  const { key, ...rest } = part
  const defaults = { terms, digest: JSON.stringify(request), ttlMs: 60_000, capMs: 120_000 }
  return { ...defaults, ...rest, buyer, id: idOf(scope, { key, buyer }), request }
}

export function unitsWish(scope: HoldScope, units: readonly number[], part: WishPart): HoldWish {
  return wishOf(scope, { kind: 'units', units }, part)
}

/** Places a wish that must be granted. */
export async function hold(book: HoldBook, scope: HoldScope, wish: HoldWish): Promise<Hold> {
  const outcome = await book.place(scope, wish)
  if (outcome.kind !== 'held') expect(outcome).toEqual('a hold')
  return (outcome as Extract<typeof outcome, { kind: 'held' }>).hold
}

export async function stateOf(
  book: HoldBook,
  scope: HoldScope,
  units: readonly number[],
): Promise<UnitState[]> {
  const { bitmap } = await book.availability(scope)
  return units.map((unit) => stateAt(bitmap, unit))
}
