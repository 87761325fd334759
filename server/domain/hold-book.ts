/**
 * The port of the hold book: who holds which units of an event. It advises; SQL decides the sale.
 * Two implementations (Redis, SQL) pass one contract suite (test/hold-book/).
 *
 * Every operation first frees what has expired, bounded, and is safe to repeat. Time is the
 * book's own clock (Redis TIME, the database's now()); callers speak in durations.
 */
import type { EventId, OrderId } from '../platform/ids.ts'
import type { Hold, HoldTerms, SeatRequest } from './hold.ts'
import type { SeatMap } from './seat-map.ts'

/**
 * The book is out of reach: nothing is known about whether the call took effect. Every call may be
 * sent again, and a sale may go on without the book, since SQL decides.
 */
export class HoldBookUnavailableError extends Error {
  override readonly name = 'HoldBookUnavailableError'
}

/** What a book must know of an event; the caller has it cached. */
export type HoldScope = {
  readonly event: EventId
  /** Home region, as the database names it. */
  readonly region: string
  /** Authority's epoch: part of every Redis key, so that an old epoch's book dies by itself. */
  readonly epoch: number
  readonly seatMap: SeatMap
  /** Most units that one buyer may hold and own of this event. */
  readonly limitPerBuyer: number
}

export type HoldWish = {
  /** Derived from event, buyer and the caller's key: the same wish is the same hold. */
  readonly id: OrderId
  readonly buyer: string
  readonly request: SeatRequest
  readonly digest: string
  readonly terms: HoldTerms
  readonly ttlMs: number
  /** Total life that extensions cannot exceed, from now. */
  readonly capMs: number
}

export type PlaceOutcome =
  /** `repeated`: this wish had been granted before; the answer is the first one's. */
  | { readonly kind: 'held'; readonly hold: Hold; readonly repeated: boolean }
  /** Which of the units asked for are not free. */
  | { readonly kind: 'taken'; readonly units: readonly number[] }
  /** Fewer free units than asked for. */
  | { readonly kind: 'sold-out' }
  /** Enough free units, but no such number side by side. */
  | { readonly kind: 'not-together' }
  /** Already held or owned by this buyer. */
  | { readonly kind: 'limit'; readonly already: number }
  /** The key was used for another wish. */
  | { readonly kind: 'key-reused' }
  /** The key's hold has ended (expired, released or sold): a new wish needs a new key. */
  | { readonly kind: 'ended' }

export type ExtendOutcome =
  | { readonly kind: 'extended'; readonly hold: Hold }
  | { readonly kind: 'at-cap'; readonly hold: Hold }
  | { readonly kind: 'gone' }

export type ReserveOutcome =
  | { readonly kind: 'reserved' }
  /** The hold is over and its units are not all free any more. */
  | { readonly kind: 'gone' }

export type Availability = {
  /** Two bits a unit, laid out as domain/units.ts says. */
  readonly bitmap: Uint8Array
}

export type HoldBook = {
  readonly kind: 'redis' | 'sql'
  /** Takes all units of the wish or none, and counts them against the buyer's limit, atomically. */
  place(scope: HoldScope, wish: HoldWish): Promise<PlaceOutcome>
  /**
   * The living hold, or null. Where a buyer is named, somebody else's is none: nothing of it comes
   * out, so that looking for it takes no longer than for one that is not there.
   */
  find(scope: HoldScope, id: OrderId, buyer?: string): Promise<Hold | null>
  /**
   * Makes the hold live `ttlMs` from now, or until its cap; never shortens it. Once checkout has
   * begun, its order's time counts: `at-cap`.
   */
  extend(scope: HoldScope, id: OrderId, ttlMs: number): Promise<ExtendOutcome>
  /** Gives the units back. False when there was no living hold of that id, or it has an order. */
  release(scope: HoldScope, id: OrderId): Promise<boolean>
  /**
   * Checkout begins: keeps the units for this order at least `forMs`, beyond the cap if need be.
   * A hold that the book has lost or let expire is taken anew if all of its units are free and the
   * buyer's limit allows it; one that was released, sold or freed is gone.
   */
  reserve(scope: HoldScope, hold: Hold, forMs: number): Promise<ReserveOutcome>
  /** The order was paid: its units are sold, whatever the book thought. */
  convert(scope: HoldScope, order: SettledOrder): Promise<void>
  /** The order ended without a sale: its units are free, unless somebody else has them. */
  free(scope: HoldScope, order: SettledOrder): Promise<void>
  /** A snapshot of all units. */
  availability(scope: HoldScope): Promise<Availability>
}

export type SettledOrder = {
  readonly id: OrderId
  readonly buyer: string
  readonly units: readonly number[]
}
