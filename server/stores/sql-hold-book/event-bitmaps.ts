/**
 * What this server knows of events' units, in memory: a hint from which units are chosen and
 * refusals foreseen, never a decision. One scan of an event's claims at a time and at most every
 * `bitmapAgeMaxMs`; between scans it is kept right by this server's own changes and refusals.
 */
import { LRUCache } from 'lru-cache'
import type { HoldScope } from '../../domain/hold-book.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { emptyBitmap, setState, type UnitState } from '../../domain/units.ts'
import type { Database } from '../database.ts'
import { runRead, type Statement } from '../statement.ts'

export const scanClaimsStatement: Statement = {
  name: 'hold.scan-claims',
  text: `select state, array_agg(unit) as units from claims
where region = $1 and event_id = $2::text and state <> 'free'
  and (expires_at is null or expires_at >= now())
group by state`,
}

type Change = { readonly unit: number; readonly state: UnitState }

type Entry = {
  bitmap: Uint8Array
  /** When the scan began that the bitmap comes from; null: never scanned, it only holds refusals. */
  scannedAtMs: number | null
  scan: Promise<void> | null
  /** Changes made while a scan runs: its snapshot may be from before them. */
  readonly meanwhile: Change[]
}

export class EventBitmaps {
  readonly #db: Database
  readonly #entries = new LRUCache<string, Entry>({ max: holdBookLimits.bitmapsMax })

  constructor(db: Database) {
    this.#db = db
  }

  /** Whatever is known, without asking the database. */
  hint(scope: HoldScope): Uint8Array {
    return this.#entry(scope).bitmap
  }

  /** @returns a bitmap that is at most `bitmapAgeMaxMs` old; it is changed in place later */
  async recent(scope: HoldScope): Promise<Uint8Array> {
    const entry = this.#entry(scope)
    const nowMs = this.#db.clock.monotonicMs()
    const isOld =
      entry.scannedAtMs === null || nowMs - entry.scannedAtMs > holdBookLimits.bitmapAgeMaxMs
    if (isOld) {
      entry.scan ??= this.#scan(scope, entry).finally(() => {
        entry.scan = null
      })
      await entry.scan
    }
    return entry.bitmap
  }

  note(scope: HoldScope, changes: readonly Change[]): void {
    const entry = this.#entry(scope)
    for (const { unit, state } of changes) setState(entry.bitmap, unit, state)
    if (entry.scan !== null) entry.meanwhile.push(...changes)
  }

  #entry(scope: HoldScope): Entry {
    const known = this.#entries.get(scope.event)
    if (known !== undefined) return known
    const bitmap = emptyBitmap(scope.seatMap.units)
    const entry: Entry = { bitmap, scannedAtMs: null, scan: null, meanwhile: [] }
    this.#entries.set(scope.event, entry)
    return entry
  }

  async #scan(scope: HoldScope, entry: Entry): Promise<void> {
    const startedAtMs = this.#db.clock.monotonicMs()
    entry.meanwhile.length = 0
    const rows = await runRead<{ state: UnitState | 'reserved'; units: number[] }>(
      this.#db,
      scanClaimsStatement,
      [scope.region, scope.event],
    )
    const bitmap = emptyBitmap(scope.seatMap.units)
    for (const { state, units } of rows) {
      for (const unit of units) setState(bitmap, unit, state === 'reserved' ? 'held' : state)
    }
    for (const { unit, state } of entry.meanwhile) setState(bitmap, unit, state)
    entry.bitmap = bitmap
    entry.scannedAtMs = startedAtMs
  }
}
