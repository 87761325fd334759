/**
 * The hold book in SQL: a hold is a row, and its units are claims in state held. Nothing else to
 * run, and correct with any number of servers; slower than Redis, since each hold is a commit.
 *
 * Units that the fan does not name are chosen from a bitmap in memory and taken by number; a
 * refusal corrects the bitmap and the choice is made anew. Claims are never scanned for a hold.
 */
import { checkedUnits } from '../../domain/checked-units.ts'
import { chooseUnits, type OpenRequest } from '../../domain/choose-units.ts'
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
import type { Database } from '../database.ts'
import { DuplicateKeyError, GuardFailedError, UnknownOutcomeError } from '../outcome.ts'
import { extendHold, releaseHold } from './change-hold.ts'
import { EventBitmaps } from './event-bitmaps.ts'
import { EventGate } from './event-gate.ts'
import { placeClaims } from './place-claims.ts'
import { findHold, readStanding, readUnits } from './read-holds.ts'
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
  readonly #gate: EventGate
  readonly #onChoiceLost: () => void

  constructor(options: SqlHoldBookOptions) {
    this.#db = options.db
    this.#bitmaps = new EventBitmaps(options.db)
    this.#gate = new EventGate(options.writesAtOnce ?? 1)
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

  async find(scope: HoldScope, id: OrderId): Promise<Hold | null> {
    const record = await findHold(this.#db, scope, id)
    return record?.living ? record.hold : null
  }

  async extend(scope: HoldScope, id: OrderId, ttlMs: number): Promise<ExtendOutcome> {
    const hold = await this.find(scope, id)
    if (hold === null) return { kind: 'gone' }
    if (hold.expiresInMs >= hold.capInMs) return { kind: 'at-cap', hold }
    try {
      const expiresInMs = await extendHold(this.#db, scope, { hold, ttlMs })
      return { kind: 'extended', hold: { ...hold, expiresInMs } }
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      const left = await this.find(scope, id)
      if (left === null) return { kind: 'gone' }
      // Unknown: it is as it is read. Else checkout has begun, and its order's time counts.
      return { kind: cause instanceof UnknownOutcomeError ? 'extended' : 'at-cap', hold: left }
    }
  }

  async release(scope: HoldScope, id: OrderId): Promise<boolean> {
    const hold = await this.find(scope, id)
    if (hold === null) return false
    try {
      await releaseHold(this.#db, scope, hold)
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      if (cause instanceof GuardFailedError) return false
      if ((await this.find(scope, id)) !== null) throw cause
    }
    this.#note(scope, hold.units, 'free')
    return true
  }

  async reserve(scope: HoldScope, hold: Hold, forMs: number): Promise<ReserveOutcome> {
    const units = checkedUnits(scope.seatMap, hold.units)
    try {
      await reserveClaims(this.#db, scope, { hold: { ...hold, units }, forMs })
      this.#note(scope, units, 'held')
      return { kind: 'reserved' }
    } catch (cause) {
      await this.#assertExpected(scope, hold, cause)
      // A repeated call finds its own order's reservation, or its own units kept.
      const claims = await this.#readUnits(scope, units)
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
    await freeHold(this.#db, scope, order)
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
    return contention()
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
      if (choice.kind !== 'candidates') return (await this.#standing(scope, wish)) ?? choice
      const candidate = present(choice.candidates[0], 'a candidate')
      const outcome = await this.#take(scope, wish, candidate)
      if (outcome !== null && outcome.kind !== 'taken') return outcome
      this.#onChoiceLost()
    }
    return contention()
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
    const known = await this.#known(scope, wish)
    if (known === null) throw cause
    return known
  }

  /** Why a wish is not granted, from reads; null when nothing stands in its way. */
  async #why(scope: HoldScope, wish: HoldWish, candidate: Candidate): Promise<PlaceOutcome | null> {
    const refused = await this.#standing(scope, wish)
    if (refused !== null) return refused
    const beside = candidate.edges.flat().filter((unit) => unit >= 0)
    const claims = await this.#readUnits(scope, [...candidate.units, ...beside])
    const free = new Set(claims.filter(({ state }) => state === 'free').map(({ unit }) => unit))
    const taken = candidate.units.filter((unit) => !free.has(unit))
    return taken.length === 0 ? null : { kind: 'taken', units: taken }
  }

  /** What does not depend on units: the key's first answer, an old epoch, the buyer's limit. */
  async #standing(scope: HoldScope, wish: HoldWish): Promise<PlaceOutcome | null> {
    const known = await this.#known(scope, wish)
    if (known !== null) return known
    const { epoch, already } = await readStanding(this.#db, scope, wish)
    assertEpoch(scope, epoch)
    const isOver = already + unitCount(wish.request) > scope.limitPerBuyer
    return isOver ? { kind: 'limit', already } : null
  }

  async #known(scope: HoldScope, wish: HoldWish): Promise<PlaceOutcome | null> {
    const record = await findHold(this.#db, scope, wish.id)
    if (record === null) return null
    if (record.hold.digest !== wish.digest) return { kind: 'key-reused' }
    return record.living ? { kind: 'held', hold: record.hold, repeated: true } : { kind: 'ended' }
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
    assertEpoch(scope, (await readStanding(this.#db, scope, hold)).epoch)
  }
}

/** @throws RefusedError OLD_EPOCH when another server has the authority now */
function assertEpoch(scope: HoldScope, epoch: number | null): void {
  if (epoch === scope.epoch) return
  throw new RefusedError(
    refusal('OLD_EPOCH', 'Sales of this event moved to another server. Try again.'),
  )
}

function contention(): never {
  throw new RefusedError(refusal('CONTENTION', 'Many want these seats at once. Try again.'))
}
