/** A hold: one fan's exclusive claim on units of one event, for some minutes. */
import type { EventId, OrderId } from '../platform/ids.ts'

/** What a fan may ask for. */
export type SeatRequest =
  /** These units, all or nothing. */
  | { readonly kind: 'units'; readonly units: readonly number[] }
  /** The best `count` neighbours within these sections (indices into the seat map). */
  | { readonly kind: 'best'; readonly sections: readonly number[]; readonly count: number }
  /** Any `count` units of these standing areas (indices into the seat map). */
  | { readonly kind: 'anywhere'; readonly sections: readonly number[]; readonly count: number }

/** The same as a fan says it: sections by their names on the map, or none named for any. */
export type SeatWish =
  | { readonly kind: 'units'; readonly units: readonly number[] }
  | {
      readonly kind: 'best'
      readonly count: number
      readonly sections?: readonly string[] | undefined
    }
  | {
      readonly kind: 'standing'
      readonly count: number
      readonly sections?: readonly string[] | undefined
    }

/**
 * What was promised when the units were held: the price of a unit in each section that was asked
 * for. It stays with the hold, so that a repeated call answers the same and nothing that a client
 * says about a price is ever read. Amounts in minor units.
 */
export type HoldTerms = {
  readonly currency: string
  readonly prices: readonly {
    /** Index into the seat map. */
    readonly section: number
    readonly tier: string
    readonly price: number
    readonly fee: number
  }[]
}

export type Hold = {
  readonly id: OrderId
  readonly event: EventId
  readonly buyer: string
  /** Ascending. */
  readonly units: readonly number[]
  readonly terms: HoldTerms
  /** SHA-256 of what was asked, so that a key is not used twice for different wishes. */
  readonly digest: string
  /** From now, by the hold book's clock. Zero or less: over. */
  readonly expiresInMs: number
  /** How long it could still be made to live by extending it, from now. */
  readonly capInMs: number
}

export function unitCount(request: SeatRequest): number {
  return request.kind === 'units' ? request.units.length : request.count
}
