/** What is going on just now, from the entries and faults as they come: rates of the last seconds. */

import { percentilesOf } from '../../../bench/onsale/percentiles.ts'
import type { FaultRecord } from '../../evidence/evidence.ts'
import type { Entry } from '../../history/entry.ts'
import { OrderFates } from '../order-fates.ts'

/** Long enough to read a rate, short enough to see a fault bite. */
const windowSeconds = 5
/** Of the sparklines; older seconds are forgotten. */
const sparkSeconds = 18

export type RegionState = 'up' | 'paused' | 'down'

export type RegionNow = {
  readonly region: string
  readonly state: RegionState
  readonly salesPerSecond: number
  /** Whole seconds, oldest first. */
  readonly sales: readonly number[]
  readonly holdsPerSecond: number
  readonly refusalsPerSecond: number
  readonly unknowns: number
  readonly p99Ms: number | null
}

export type StandingFault = Pick<FaultRecord, 'id' | 'at' | 'kind' | 'where' | 'said'>

type Slot = { sales: number; holds: number; refusals: number; readonly tookMs: number[] }

export class LiveFigures {
  readonly #regions: readonly string[]
  /** By region and second. */
  readonly #slots = new Map<string, Map<number, Slot>>()
  readonly #unknowns = new Map<string, number>()
  readonly #asked = new Map<number, number>()
  readonly #orders = new OrderFates()
  readonly #standing = new Map<number, StandingFault>()
  sold = 0

  constructor(regions: readonly string[]) {
    this.#regions = regions
  }

  entry(entry: Entry): void {
    if (entry.type === 'invoke') {
      this.#asked.set(entry.seq, entry.at)
      return
    }
    const { region } = entry
    const askedAt = this.#asked.get(entry.of) ?? entry.at
    this.#asked.delete(entry.of)
    if (entry.type === 'unknown') {
      this.#unknowns.set(region, (this.#unknowns.get(region) ?? 0) + 1)
      return
    }
    const slot = this.#slot(region, entry.at)
    slot.tookMs.push(entry.at - askedAt)
    if (entry.type === 'fail') slot.refusals += 1
    else if (entry.op === 'hold.place') slot.holds += 1
    if (entry.type !== 'ok' || !this.#orders.answered(entry)) return
    slot.sales += 1
    this.sold += 1
  }

  fault(record: FaultRecord): void {
    if (record.what === 'inject') this.#standing.set(record.id, record)
    if (record.what === 'heal') this.#standing.delete(record.id)
  }

  /** Oldest first. */
  standing(): readonly StandingFault[] {
    return [...this.#standing.values()]
  }

  /** Only whole seconds count: the one that is under way would always look like a fall. */
  now(at: number): RegionNow[] {
    const end = Math.floor(at / 1_000)
    return this.#regions.map((region) => this.#regionNow(region, end))
  }

  #regionNow(region: string, end: number): RegionNow {
    const slots = this.#slots.get(region)
    const last = Array.from({ length: sparkSeconds }, (_, index) =>
      slots?.get(end - sparkSeconds + index),
    )
    const recent = last.slice(-windowSeconds).filter((slot) => slot !== undefined)
    const rate = (what: 'sales' | 'holds' | 'refusals') =>
      recent.reduce((sum, slot) => sum + slot[what], 0) / windowSeconds
    return {
      region,
      state: this.#stateOf(region),
      salesPerSecond: rate('sales'),
      sales: last.map((slot) => slot?.sales ?? 0),
      holdsPerSecond: rate('holds'),
      refusalsPerSecond: rate('refusals'),
      unknowns: this.#unknowns.get(region) ?? 0,
      p99Ms: percentilesOf(recent.flatMap(({ tookMs }) => tookMs))?.p99 ?? null,
    }
  }

  /** By the faults that stand: the drill knows what it did. */
  #stateOf(region: string): RegionState {
    const kinds = this.standing().filter(({ where }) => where === region)
    if (kinds.some(({ kind }) => kind === 'region.lost' || kind === 'server.killed')) return 'down'
    return kinds.some(({ kind }) => kind.endsWith('.paused') && !kind.startsWith('redis'))
      ? 'paused'
      : 'up'
  }

  #slot(region: string, at: number): Slot {
    const second = Math.floor(at / 1_000)
    const slots = this.#slots.get(region) ?? new Map<number, Slot>()
    if (slots.size === 0) this.#slots.set(region, slots)
    const known = slots.get(second)
    if (known !== undefined) return known
    const slot = { sales: 0, holds: 0, refusals: 0, tookMs: [] }
    slots.set(second, slot)
    // Two more than are shown: answers come a little out of order.
    for (const old of slots.keys()) if (old < second - sparkSeconds - 2) slots.delete(old)
    return slot
  }
}
