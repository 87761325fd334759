/** What may be asked of a book or of SQL beside it, one atomic thing each, and how it is answered. */
import type { SeatRequest } from '../../../server/domain/hold.ts'

export type Wish = {
  readonly id: string
  readonly buyer: string
  readonly digest: string
  readonly request: SeatRequest
  readonly ttlMs: number
}

type OfHold = {
  readonly id: string
  readonly buyer: string
  readonly units: readonly number[]
  readonly digest: string
}

export type Operation =
  | { readonly what: 'place'; readonly wish: Wish }
  | { readonly what: 'extend'; readonly id: string; readonly ttlMs: number }
  | { readonly what: 'release'; readonly id: string }
  | { readonly what: 'find'; readonly id: string; readonly buyer: string | null }
  /** Checkout begins, in the book and then in SQL. */
  | ({ readonly what: 'reserve' } & OfHold)
  | ({ readonly what: 'start' } & OfHold)
  /** The order ends, in SQL and then in the book. */
  | { readonly what: 'pay'; readonly id: string }
  | { readonly what: 'cancel'; readonly id: string }
  | { readonly what: 'convert'; readonly id: string }
  | { readonly what: 'free'; readonly id: string }

type Plain =
  | 'crowded'
  | 'sold-out'
  | 'not-together'
  | 'key-reused'
  | 'ended'
  | 'gone'
  | 'released'
  | 'reserved'
  | 'started'
  | 'repeated'
  | 'refused'
  | 'paid'
  | 'cancelled'
  | 'told'

export type Answer =
  | {
      readonly kind: 'held'
      readonly units: readonly number[]
      readonly repeated: boolean
      readonly leftMs: number
    }
  | { readonly kind: 'taken'; readonly units: readonly number[] }
  | { readonly kind: 'limit'; readonly already: number }
  | { readonly kind: 'extended' | 'at-cap'; readonly leftMs: number }
  | { readonly kind: 'found'; readonly units: readonly number[]; readonly leftMs: number }
  | { readonly kind: Plain }
