/**
 * What the book of an event begins with: SQL's word, and what a copy still knows of its holds. It
 * is asked for by the first call of an event that finds no book: after a takeover there is the copy
 * of the former epoch here; after a loss of Redis the followers have what was lost, or, where they
 * are behind, a Redis that started again has more of it. Copies are waited for beside SQL and not for
 * long: without them, a fan's token brings a hold back.
 */
import type { HoldScope } from '../domain/hold-book.ts'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import type {
  CopiedHold,
  CopyPage,
  HoldCopies,
  HoldReplication,
} from '../domain/hold-replication.ts'
import type { BookContent, InventorySnapshot } from '../domain/inventory.ts'
import { mergeBook } from '../domain/merge-book.ts'
import type { RegionCaller } from '../domain/region-caller.ts'
import type { Clock } from '../platform/clock.ts'
import { askRegion } from './ask-region.ts'
import { copyPage } from './replication-shapes.ts'
import type { SaleMetrics } from './services.ts'

export type ContentSources = {
  readonly snapshot: (scope: HoldScope) => Promise<InventorySnapshot>
  readonly copies: Pick<HoldCopies, 'holds'>
  readonly own: Pick<HoldReplication, 'leftHolds'>
  /** null for a server that is alone. */
  readonly caller: RegionCaller | null
  /** All regions but this one. */
  readonly others: readonly string[]
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly count: SaleMetrics['count']
}

/** All that was got of one copy. */
type Copy = {
  readonly epoch: number
  readonly last: number
  readonly isWhole: boolean
  readonly holds: readonly CopiedHold[]
}

type NextPage = (cursor: string | null) => Promise<CopyPage | null>

export class BookContents {
  readonly #sources: ContentSources
  /** Regions that did not answer, and until when they are not asked. */
  readonly #resting = new Map<string, number>()

  constructor(sources: ContentSources) {
    this.#sources = sources
  }

  async of(scope: HoldScope): Promise<BookContent> {
    const { snapshot: read, others, count } = this.#sources
    const [snapshot, ...copies] = await Promise.all([
      read(scope),
      this.#ofOurs(scope),
      ...others.map((region) => this.#ofRegion(scope, region)),
      this.#left(scope),
    ])
    const { holds } = newest(copies.flatMap((copy) => copy ?? []))
    if (holds.length === 0) return snapshot
    const { limitPerBuyer, seatMap } = scope
    const merged = mergeBook({ snapshot, holds, units: seatMap.units, limitPerBuyer })
    if (merged.kept > 0) count('frontrow.holds.rebuilt', { fate: 'kept' }, merged.kept)
    if (merged.dropped > 0) count('frontrow.holds.rebuilt', { fate: 'dropped' }, merged.dropped)
    return merged.content
  }

  #ofOurs({ region: home, epoch, event }: HoldScope): Promise<Copy | null> {
    const { copies } = this.#sources
    return this.#read(epoch, (cursor) => copies.holds({ home, epoch }, event, cursor))
  }

  #left({ region: home, epoch, event }: HoldScope): Promise<Copy | null> {
    const { own } = this.#sources
    return this.#read(epoch, (cursor) => own.leftHolds({ home, epoch }, event, cursor))
  }

  async #ofRegion(scope: HoldScope, region: string): Promise<Copy | null> {
    const { caller, clock } = this.#sources
    const startedMs = clock.monotonicMs()
    if (caller === null || startedMs < (this.#resting.get(region) ?? 0)) return null
    const { region: home, event } = scope
    const { copiesWaitMs, copiesTotalMs } = holdBookLimits
    return this.#read(scope.epoch, async (cursor) => {
      const untilMs = startedMs + (cursor === null ? copiesWaitMs : copiesTotalMs)
      const timeoutMs = Math.floor(untilMs - clock.monotonicMs())
      if (timeoutMs <= 0) throw new RangeError('copies took too long')
      try {
        return await askRegion(caller, copyPage.nullable(), {
          region,
          procedure: 'internal.copy',
          input: { home, event, cursor },
          timeoutMs,
        })
      } catch (cause) {
        this.#resting.set(region, clock.monotonicMs() + holdBookLimits.copiesRestMs)
        throw cause
      }
    })
  }

  /** What was got before a failure counts too: each hold is judged by SQL on its own. */
  async #read(epoch: number, next: NextPage): Promise<Copy | null> {
    let copy: Copy | null = null
    let cursor: string | null = null
    try {
      for (let pages = 0; pages < holdBookLimits.bookPagesMax; pages += 1) {
        const page: CopyPage | null = await next(cursor)
        // Of a newer epoch: then this book is of no use any more, and neither is what it begins with.
        if (page === null || page.epoch > epoch) return copy
        if (copy !== null && page.epoch !== copy.epoch) return copy
        const holds: readonly CopiedHold[] = [...(copy?.holds ?? []), ...page.holds]
        cursor = page.nextCursor
        copy = { epoch: page.epoch, last: page.last, holds, isWhole: cursor === null }
        if (cursor === null) return copy
      }
      return copy
    } catch {
      return copy
    }
  }
}

/** Of copies, the one that goes furthest: whole before torn, then by epoch, then by position. */
function newest(copies: readonly Copy[]): Pick<Copy, 'holds'> {
  const [best] = copies.toSorted(
    (a, b) => Number(b.isWhole) - Number(a.isWhole) || b.epoch - a.epoch || b.last - a.last,
  )
  return best ?? { holds: [] }
}
