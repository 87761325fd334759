/**
 * How the holds of one region get to the others. The authority's hold book appends what is now true
 * of a hold to one stream for each home region and epoch; followers in other regions apply it to
 * copies of their own. A change is a state and not a difference: whoever applies an old one and
 * then all later ones ends where the book is, wherever it began.
 */
import type { EventId, OrderId } from '../platform/ids.ts'
import { HoldBookUnavailableError } from './hold-book.ts'

/** One home region under one epoch: whose changes these are. */
export type Tenure = { readonly home: string; readonly epoch: number }

/**
 * The book is being handed to another region: it grants and changes nothing any more under this
 * epoch. A sale may go on without it, as without a book that is out of reach.
 */
export class HoldBookSealedError extends HoldBookUnavailableError {
  readonly isSealed = true
}

/** A living hold as it travels. Times are what is left, since no two clocks are compared. */
export type CopiedHold = {
  readonly id: OrderId
  readonly buyer: string
  /** Ascending. */
  readonly units: readonly number[]
  readonly digest: string
  /** Terms as the book keeps them, JSON; null for a reservation that was rebuilt from SQL. */
  readonly terms: string | null
  /** Checkout has begun: its order decides. */
  readonly reserved: boolean
  readonly lifeMs: number
  /** How far extensions may take it. */
  readonly capMs: number
}

export type HoldChange = {
  /** Counts up by one from 1 on: a follower sees by arithmetic that one is missing. */
  readonly n: number
} & (
  | { readonly kind: 'living'; readonly event: EventId; readonly hold: CopiedHold }
  /** Whatever the hold had before, these units are its owner's now. */
  | {
      readonly kind: 'sold'
      readonly event: EventId
      readonly id: OrderId
      readonly units: readonly number[]
    }
  /** The hold is no more; those of these units that are still its own are free. */
  | {
      readonly kind: 'gone'
      readonly event: EventId
      readonly id: OrderId
      readonly units: readonly number[]
    }
  /** The event's book was built anew: what is copied of it must be fetched as a whole. */
  | { readonly kind: 'book'; readonly event: EventId }
  /** The last one before a planned hand-over: nothing follows unless the seal is taken off. */
  | { readonly kind: 'sealed' }
)

/** Where a stream is. The incarnation tells a Redis that lost all from one that is quiet. */
export type StreamPosition = { readonly incarnation: string; readonly last: number }

export type ChangesQuery = Tenure & {
  /** null: none known yet. */
  readonly incarnation: string | null
  /** The last change that is known. */
  readonly after: number
  readonly limit: number
  /** How long to wait for a change where there is none. */
  readonly waitMs: number
}

export type ChangesAnswer =
  | {
      readonly kind: 'changes'
      readonly changes: readonly HoldChange[]
      readonly last: number
      /** How long the answer waited for a change: it is at least so much younger than the question. */
      readonly waitedMs: number
      /** How old the last of these changes is where more are to come; 0 where these are all. */
      readonly behindMs: number
    }
  /** Another stream than the one asked for: its position means nothing. */
  | { readonly kind: 'reset'; readonly epoch: number; readonly incarnation: string }
  /** The stream begins after what is known: changes between were cut off. */
  | { readonly kind: 'gap'; readonly last: number }

/** Events that have a book, a part at a time; the position is from before they were listed. */
export type BooksPage = StreamPosition & {
  readonly events: readonly EventId[]
  readonly nextCursor: string | null
}

export type SoldUnits = { readonly id: OrderId; readonly units: readonly number[] }

/**
 * A part of one event's book. What changes while the parts are read is in the stream after the
 * first one's position, so that the parts and those changes give the book.
 */
export type BookPage = {
  readonly last: number
  readonly holds: readonly CopiedHold[]
  readonly sold: readonly SoldUnits[]
  /** All units, two bits each, base64: in the first part only. */
  readonly bitmap: string | null
  readonly nextCursor: string | null
}

/** All units of an event, two bits each, base64. */
export type UnitsAnswer = { readonly bitmap: string }

/** Living holds of a follower's copy, a part at a time. */
export type CopyPage = {
  /** Under which epoch the copy was made, and how much of that stream it has. */
  readonly epoch: number
  readonly last: number
  readonly holds: readonly CopiedHold[]
  readonly nextCursor: string | null
}

/** What the authority's side of a hold book offers to followers and to a planned hand-over. */
export type HoldReplication = {
  /**
   * Changes after a position, waiting for them if there are none; null where there is no such
   * stream. `follower` has one question open at a time; another one waits for it.
   */
  changes(query: ChangesQuery, follower: string): Promise<ChangesAnswer | null>
  /** Begins the stream where there is none, so that followers have a position to wait at. */
  open(tenure: Tenure): Promise<StreamPosition>
  books(tenure: Tenure, cursor: string | null): Promise<BooksPage | null>
  /** null: no book of this event. `outlived`: one that must be built anew before it is of use. */
  book(tenure: Tenure, event: EventId, cursor: string | null): Promise<BookPage | 'outlived' | null>
  /**
   * Living holds of a book that is outlived: the store started again, and may have lost what it was
   * told last. How far it goes is told as of a copy. null: there is none.
   */
  leftHolds(tenure: Tenure, event: EventId, cursor: string | null): Promise<CopyPage | null>
  /** From now on every change is refused; the stream's last entry says so. Safe to repeat. */
  seal(tenure: Tenure): Promise<StreamPosition>
  unseal(tenure: Tenure): Promise<void>
  /** Number of the last change; null where there is no stream. */
  lastId(tenure: Tenure): Promise<number | null>
}

/** How far a follower is, as all servers of its region can read it. */
export type FollowPosition = StreamPosition & {
  /** When the copies were true, by the follower's clock, in milliseconds since 1970. */
  readonly asOfMs: number
  /** Changes that the authority had and the follower had not, when it last heard. */
  readonly behind: number
  /** The last change applied was the seal. */
  readonly isSealed: boolean
}

/** Who applies: proves itself with each write, so that a server that slept writes nothing. */
export type FollowLease = Tenure & { readonly token: string }

export type CopiedBook = {
  readonly event: EventId
  readonly holds: readonly CopiedHold[]
  readonly sold: readonly SoldUnits[]
  readonly bitmap: Uint8Array
}

export type ApplyOutcome =
  | { readonly kind: 'applied' }
  /** The position is another one by now, or the lease is. */
  | { readonly kind: 'lost' }
  /** Nothing was applied: these events have no copy here, and must be fetched first. */
  | { readonly kind: 'missing'; readonly events: readonly EventId[] }

export type CopiedUnits = {
  readonly bitmap: Uint8Array
  readonly asOfMs: number
  /** Under which the copy was made: of an older one, whatever was sold under the next is missing. */
  readonly epoch: number
}

/** The copies that one region keeps of the books of others. */
export type HoldCopies = {
  /** Takes or renews the lease to follow this tenure; false: another server has it. */
  lead(lease: FollowLease, forMs: number): Promise<boolean>
  leave(lease: FollowLease): Promise<void>
  position(tenure: Tenure): Promise<FollowPosition | null>
  /** Puts a whole copy in the place of the event's former one. False: the lease is lost. */
  install(lease: FollowLease, book: CopiedBook): Promise<boolean>
  /**
   * Applies changes and moves the position from `from` to `to`, all or nothing. `from` null: after
   * a snapshot, from whatever it was.
   */
  apply(
    lease: FollowLease,
    from: StreamPosition | null,
    step: { readonly to: FollowPosition; readonly changes: readonly HoldChange[] },
  ): Promise<ApplyOutcome>
  /** Units as the newest copy up to this epoch has them; null where there is none. */
  bitmap(tenure: Tenure, event: EventId): Promise<CopiedUnits | null>
  /** Living holds of the newest copy up to this epoch; null where there is none. */
  holds(tenure: Tenure, event: EventId, cursor: string | null): Promise<CopyPage | null>
}

export type FollowStatus = Tenure & {
  readonly position: number | null
  readonly lagMs: number | null
  readonly behind: number | null
  /** `following` here, `watching` another server of this region do it, or what stands in the way. */
  readonly state: 'following' | 'watching' | 'snapshot' | 'failing'
}
