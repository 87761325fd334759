/**
 * What is free of an event that another region sells: from the copy that this region follows, else
 * from the authority's book, else from what SQL has sold. The last two are remembered for a moment,
 * so that viewers of one event cost one question. A copy of a former epoch lacks what was sold under
 * the next one and is not made again before somebody asks the authority for the event: it is shown
 * only where nothing else can be had.
 */
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import type { HoldScope } from '../domain/hold-book.ts'
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import type { CopiedUnits, HoldCopies } from '../domain/hold-replication.ts'
import { type InventorySnapshot, snapshotBitmap } from '../domain/inventory.ts'
import { RegionCallError, type RegionCaller } from '../domain/region-caller.ts'
import type { Clock } from '../platform/clock.ts'
import type { EventId } from '../platform/ids.ts'
import { DatabaseUnavailableError } from '../stores/outcome.ts'
import { askRegion } from './ask-region.ts'
import type { Authorities } from './authorities.ts'
import { unitsAnswer } from './replication-shapes.ts'

export type ElsewhereParts = {
  readonly copies: Pick<HoldCopies, 'bitmap'>
  readonly caller: RegionCaller
  readonly authorities: Pick<Authorities, 'standing'>
  readonly snapshot: (scope: HoldScope) => Promise<InventorySnapshot>
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
}

export type UnitsSeen = { readonly bitmap: Uint8Array; readonly asOfMs: number }

export class AvailabilityElsewhere {
  readonly #parts: ElsewhereParts
  readonly #asking = new Map<EventId, Promise<UnitsSeen>>()
  readonly #remembered = new LRUCache<EventId, UnitsSeen>({
    max: holdBookLimits.elsewhereEventsMax,
    ttl: holdBookLimits.elsewhereCacheMs,
  })
  /** Regions that did not answer, and until when they are not asked. */
  readonly #resting = new Map<string, number>()
  /** After a takeover many events have no current copy at once. */
  readonly #gate = pLimit(holdBookLimits.elsewhereAtOnce)

  constructor(parts: ElsewhereParts) {
    this.#parts = parts
  }

  async units(scope: HoldScope): Promise<UnitsSeen> {
    const copied = await this.#copied(scope)
    if (copied !== null && this.#isCurrent(scope, copied)) return copied
    const { event } = scope
    const known = this.#remembered.get(event) ?? this.#asking.get(event)
    if (known !== undefined) return known
    const asking = this.#gate(() => this.#asked(scope, copied))
    this.#asking.set(event, asking)
    try {
      const seen = await asking
      this.#remembered.set(event, seen)
      return seen
    } finally {
      this.#asking.delete(event)
    }
  }

  #isCurrent({ region }: HoldScope, { epoch }: CopiedUnits): boolean {
    const standing = this.#parts.authorities.standing(region)
    return standing.kind !== 'theirs' || epoch >= standing.epoch
  }

  async #copied({ region: home, epoch, event }: HoldScope): Promise<CopiedUnits | null> {
    try {
      return await this.#parts.copies.bitmap({ home, epoch }, event)
    } catch (cause) {
      if (cause instanceof HoldBookUnavailableError) return null
      throw cause
    }
  }

  async #asked(scope: HoldScope, older: CopiedUnits | null): Promise<UnitsSeen> {
    const asOfMs = this.#parts.clock.nowMs()
    try {
      const bitmap = (await this.#ofAuthority(scope)) ?? (await this.#ofSql(scope))
      return { bitmap, asOfMs }
    } catch (cause) {
      if (older === null || !(cause instanceof DatabaseUnavailableError)) throw cause
      return older
    }
  }

  async #ofAuthority({ region: home, event }: HoldScope): Promise<Uint8Array | null> {
    const { authorities, clock } = this.#parts
    const standing = authorities.standing(home)
    if (standing.kind !== 'theirs') return null
    const { serverRegion: region, epoch } = standing
    if (clock.monotonicMs() < (this.#resting.get(region) ?? 0)) return null
    try {
      const { bitmap } = await askRegion(this.#parts.caller, unitsAnswer, {
        region,
        procedure: 'internal.units',
        input: { home, epoch, event },
        timeoutMs: holdBookLimits.copiesWaitMs,
      })
      return Buffer.from(bitmap, 'base64')
    } catch (cause) {
      if (!(cause instanceof RegionCallError)) throw cause
      if (cause.code === null) {
        this.#resting.set(region, clock.monotonicMs() + holdBookLimits.copiesRestMs)
      }
      return null
    }
  }

  async #ofSql(scope: HoldScope): Promise<Uint8Array> {
    return snapshotBitmap(await this.#parts.snapshot(scope), scope.seatMap.units)
  }
}
