/**
 * The hold book in SQL: a hold is a row, and its units are claims in state held. Nothing else to
 * run, and correct with any number of servers; slower than Redis, since each hold is a commit.
 *
 * Units that the fan does not name are chosen from a bitmap in memory and taken by number; a
 * refusal corrects the bitmap and the choice is made anew. Claims are never scanned for a hold.
 */
import { checkedUnits } from '../../domain/checked-units.ts'
import { chooseUnits, type OpenRequest } from '../../domain/choose-units.ts'
import { crowded } from '../../domain/crowded.ts'
import { type Hold, unitCount } from '../../domain/hold.ts'
import type {
  Availability,
  ExtendOutcome,
  HoldBook,
  HoldScope,
  HoldWish,
  PlaceOutcome,
  ReserveOutcome,
  SettledOrder,
} from '../../domain/hold-book.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { RefusedError, refusal } from '../../domain/refusal.ts'
import type { Candidate } from '../../domain/seat-choice.ts'
import { stateAt } from '../../domain/units.ts'
import { present } from '../../platform/assert.ts'
import type { OrderId } from '../../platform/ids.ts'
import { KeyedGate } from '../../platform/keyed-gate.ts'
import type { Database } from '../database.ts'
import { DuplicateKeyError, GuardFailedError, readAfter, UnknownOutcomeError } from '../outcome.ts'
import { extendHold, releaseHold } from './change-hold.ts'
import { EventBitmaps } from './event-bitmaps.ts'
import { placeClaims } from './place-claims.ts'
import { findHold, type HoldRecord, readHoldFacts, readUnits } from './read-holds.ts'
import { reserveClaims } from './reserve-claims.ts'
import { convertHold, freeHold } from './settle-hold.ts'

export type SqlHoldBookOptions = {
  readonly db: Database
  /** Choices that had to be made anew because the units were taken: a sign of crowding. */
  readonly onChoiceLost?: () => void
  /**
   * Holds of one event that this server writes at once. 1 (unless told) suits PostgreSQL; where a
   * commit waits for other regions, some more.
   */
  readonly writesAtOnce?: number
}

export class SqlHoldBook implements HoldBook {
  readonly kind = 'sql'
  readonly #db: Database
  readonly #bitmaps: EventBitmaps
  readonly #gate: KeyedGate
  readonly #onChoiceLost: () => void

  constructor(options: SqlHoldBookOptions) {
    this.#db = options.db
    this.#bitmaps = new EventBitmaps(options.db)
    this.#gate = new KeyedGate({
      width: options.writesAtOnce ?? holdBookLimits.sqlWritesAtOnce,
      waitingMax: holdBookLimits.waitingPerEventMax,
      full: crowded,
    })
    this.#onChoiceLost = options.onChoiceLost ?? (() => undefined)
  }

  async place(scope: HoldScope, wish: HoldWish): Promise<PlaceOutcome> {
    const { request } = wish
    if (request.kind !== 'units') {
      return this.#gate.pass(scope.event, () => this.#placeChosen(scope, wish, request))
    }
    const candidate = { units: checkedUnits(scope.seatMap, request.units), edges: [] }
    const hint = this.#bitmaps.hint(scope)
    if (candidate.units.some((unit) => stateAt(hint, unit) !== 'free')) {
      // Very likely refused: reads say so without a write that would fail.
      const refused = await this.#why(scope, wish, candidate)
      if (refused !== null) return refused
    }
    return this.#gate.pass(scope.event, () => this.#placeNamed(scope, wish, candidate))
  }

  async find(scope: HoldScope, id: OrderId, buyer?: string): Promise<Hold | null> {
    const record = await findHold(this.#db, scope, id)
    if (buyer !== undefined && record?.hold.buyer !== buyer) return null
    return record?.living ? record.hold : null
  }

  async extend(scope: HoldScope, id: OrderId, ttlMs: number): Promise<ExtendOutcome> {
    const hold = await this.find(scope, id)
    if (hold === null) return { kind: 'gone' }
    if (hold.expiresInMs >= hold.capInMs) return { kind: 'at-cap', hold }
    try {
      const extend = () => extendHold(this.#db, scope, { hold, ttlMs })
      const expiresInMs = await this.#gate.pass(scope.event, extend)
      return { kind: 'extended', hold: { ...hold, expiresInMs } }
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      const left = await readAfter(cause, () => this.find(scope, id))
      if (left === null) return { kind: 'gone' }
      // Unknown: it is as it is read. Else checkout has begun, and its order's time counts.
      return { kind: cause instanceof UnknownOutcomeError ? 'extended' : 'at-cap', hold: left }
    }
  }

  async release(scope: HoldScope, id: OrderId): Promise<boolean> {
    const hold = await this.find(scope, id)
    if (hold === null) return false
    try {
      await this.#gate.pass(scope.event, () => releaseHold(this.#db, scope, hold))
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      if (cause instanceof GuardFailedError) return false
      if ((await readAfter(cause, () => this.find(scope, id))) !== null) throw cause
    }
    this.#note(scope, hold.units, 'free')
    return true
  }

  async reserve(scope: HoldScope, hold: Hold, forMs: number): Promise<ReserveOutcome> {
    const units = checkedUnits(scope.seatMap, hold.units)
    try {
      const kept = { hold: { ...hold, units }, forMs }
      await this.#gate.pass(scope.event, () => reserveClaims(this.#db, scope, kept))
      this.#note(scope, units, 'held')
      return { kind: 'reserved' }
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      // A repeated call finds its own order's reservation, or its own units kept.
      const claims = await readAfter(cause, () => this.#readUnits(scope, units))
      const own = claims.filter(({ state, owner }) => state === 'held' && owner === hold.id)
      if (own.length === units.length) return { kind: 'reserved' }
      if (cause instanceof UnknownOutcomeError) throw cause
      return { kind: 'gone' }
    }
  }

  async convert(scope: HoldScope, order: SettledOrder): Promise<void> {
    await convertHold(this.#db, scope, order)
    await this.#readUnits(scope, checkedUnits(scope.seatMap, order.units))
  }

  async free(scope: HoldScope, order: SettledOrder): Promise<void> {
    await this.#gate.pass(scope.event, () => freeHold(this.#db, scope, order))
    await this.#readUnits(scope, checkedUnits(scope.seatMap, order.units))
  }

  async availability(scope: HoldScope): Promise<Availability> {
    return { bitmap: Uint8Array.from(await this.#bitmaps.recent(scope)) }
  }

  async #placeNamed(scope: HoldScope, wish: HoldWish, candidate: Candidate): Promise<PlaceOutcome> {
    for (let round = 1; round <= holdBookLimits.choiceRoundsMax; round += 1) {
      const outcome = await this.#take(scope, wish, candidate)
      if (outcome !== null) return outcome
    }
    throw crowded()
  }

  async #placeChosen(
    scope: HoldScope,
    wish: HoldWish,
    request: OpenRequest,
  ): Promise<PlaceOutcome> {
    for (let round = 1; round <= holdBookLimits.choiceRoundsMax; round += 1) {
      const bitmap = await this.#bitmaps.recent(scope)
      const random = this.#db.random.fraction
      const choice = chooseUnits({ seatMap: scope.seatMap, request, bitmap, random })
      if (choice.kind !== 'candidates') return (await this.#why(scope, wish, null)) ?? choice
      const candidate = present(choice.candidates[0], 'a candidate')
      const outcome = await this.#take(scope, wish, candidate)
      if (outcome !== null && outcome.kind !== 'taken') return outcome
      this.#onChoiceLost()
    }
    throw crowded()
  }

  /** Tries to take these units; null when nothing is known to be in the way any more. */
  async #take(
    scope: HoldScope,
    wish: HoldWish,
    candidate: Candidate,
  ): Promise<PlaceOutcome | null> {
    try {
      await placeClaims(this.#db, scope, { wish, candidate })
    } catch (cause) {
      return this.#whyNot(scope, { wish, candidate, cause })
    }
    this.#note(scope, candidate.units, 'held')
    const { id, buyer, terms, digest, ttlMs: expiresInMs, capMs: capInMs } = wish
    const { units } = candidate
    const hold = { id, event: scope.event, buyer, units, terms, digest, expiresInMs, capInMs }
    return { kind: 'held', hold, repeated: false }
  }

  async #whyNot(
    scope: HoldScope,
    failed: { readonly wish: HoldWish; readonly candidate: Candidate; readonly cause: unknown },
  ): Promise<PlaceOutcome | null> {
    const { wish, candidate, cause } = failed
    if (cause instanceof GuardFailedError || cause instanceof DuplicateKeyError) {
      return this.#why(scope, wish, candidate)
    }
    if (!(cause instanceof UnknownOutcomeError)) throw cause
    const found = await readAfter(cause, () => findHold(this.#db, scope, wish.id))
    const known = firstAnswer(wish, found)
    if (known === null) throw cause
    return known
  }

  /**
   * Why a wish is not granted: its key's first answer, the buyer's limit, or units that are taken
   * (none asked about: the first two). Null when nothing stands in its way.
   */
  async #why(
    scope: HoldScope,
    wish: HoldWish,
    candidate: Candidate | null,
  ): Promise<PlaceOutcome | null> {
    const wanted = candidate?.units ?? []
    const beside = candidate?.edges.flat().filter((unit) => unit >= 0) ?? []
    const units = [...wanted, ...beside]
    const facts = await readHoldFacts(this.#db, scope, { wish, units })
    this.#bitmaps.note(scope, facts.claims)
    const known = firstAnswer(wish, facts.known)
    if (known !== null) return known
    assertEpoch(scope, facts.epoch)
    const isOver = facts.already + unitCount(wish.request) > scope.limitPerBuyer
    if (isOver) return { kind: 'limit', already: facts.already }
    const free = new Set(
      facts.claims.flatMap(({ unit, state }) => (state === 'free' ? [unit] : [])),
    )
    const taken = wanted.filter((unit) => !free.has(unit))
    return taken.length === 0 ? null : { kind: 'taken', units: taken }
  }

  /** Reads states of units and corrects the bitmap by them. */
  async #readUnits(scope: HoldScope, units: readonly number[]) {
    const claims = await readUnits(this.#db, scope, units)
    this.#bitmaps.note(scope, claims)
    return claims
  }

  #note(scope: HoldScope, units: readonly number[], state: 'free' | 'held'): void {
    this.#bitmaps.note(
      scope,
      units.map((unit) => ({ unit, state })),
    )
  }

  /** Passes on what is a failure indeed, and an old epoch as its refusal. */
  async #assertExpected(scope: HoldScope, hold: Hold, cause: unknown): Promise<void> {
    if (cause instanceof UnknownOutcomeError) return
    if (!(cause instanceof GuardFailedError)) throw cause
    const facts = await readHoldFacts(this.#db, scope, { wish: hold, units: [] })
    assertEpoch(scope, facts.epoch)
  }
}

/** What a key was answered before, or null for a new one. */
function firstAnswer(wish: HoldWish, record: HoldRecord | null): PlaceOutcome | null {
  if (record === null) return null
  if (record.hold.digest !== wish.digest) return { kind: 'key-reused' }
  return record.living ? { kind: 'held', hold: record.hold, repeated: true } : { kind: 'ended' }
}

/** @throws RefusedError OLD_EPOCH when another server has the authority now */
function assertEpoch(scope: HoldScope, epoch: number | null): void {
  if (epoch === scope.epoch) return
  throw new RefusedError(
    refusal('OLD_EPOCH', 'Sales of this event moved to another server. Try again.'),
  )
}
