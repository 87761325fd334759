/** What the model of a hold book knows, and the small steps that its operations are made of. */
import type { HoldBook } from '../../../server/domain/hold-book.ts'
import { hall } from './room.ts'

export type Owner = {
  readonly id: string
  readonly buyer: string
  readonly as: 'held' | 'reserved' | 'sold'
  readonly untilMs: number
}

export type Units = readonly (Owner | null)[]

export type KnownHold = {
  readonly buyer: string
  readonly units: readonly number[]
  /** '': not known any more, and so nothing is held against it. */
  readonly digest: string
  readonly life: 'living' | 'expired' | 'broken' | 'released' | 'converted'
  readonly isReserved: boolean
  /** Rebuilt from SQL: kept for its order, and nothing that a fan could be told. */
  readonly isNameless: boolean
  readonly untilMs: number
  readonly capMs: number
  /** Redis: an ended hold is known so long. */
  readonly forgetMs: number
}

export type KnownOrder = {
  readonly buyer: string
  readonly units: readonly number[]
  readonly state: 'pending' | 'paid' | 'void'
  readonly untilMs: number
}

export type BookState = {
  readonly kind: HoldBook['kind']
  readonly limit: number
  readonly nowMs: number
  /** As the book has them; for SQL these are the claims. */
  readonly units: Units
  /** Redis: as SQL has them beside the book. */
  readonly claims: Units
  /** Units that were ever taken: what a bitmap that is a moment old may still show so. */
  readonly everTaken: readonly boolean[]
  readonly holds: Readonly<Record<string, KnownHold>>
  readonly orders: Readonly<Record<string, KnownOrder>>
}

export const minuteMs = 60_000
export const capMs = 20 * minuteMs
export const keepMs = 12 * minuteMs
export const reservationMs = 10 * minuteMs
export const memoryMs = 60 * minuteMs
export function newBook(kind: HoldBook['kind'], limit: number): BookState {
  const none = Array.from({ length: hall.units }, () => null)
  const everTaken = none.map(() => false)
  return { kind, limit, nowMs: 0, units: none, claims: none, everTaken, holds: {}, orders: {} }
}

/** All units as a viewer sees them. */
export function shown(units: Units): string[] {
  return units.map((owner) => (owner === null ? 'free' : owner.as === 'sold' ? 'sold' : 'held'))
}

export function claimsOf(state: BookState): Units {
  return state.kind === 'sql' ? state.units : state.claims
}

export function living(state: BookState, id: string): KnownHold | null {
  const hold = state.holds[id]
  return hold?.life === 'living' && !hold.isNameless ? hold : null
}

/** What counts against the buyer's limit; in SQL beside the wish itself. */
export function unitsOf(state: BookState, buyer: string, id: string): number {
  if (state.kind === 'redis') return state.units.filter((owner) => owner?.buyer === buyer).length
  const counting = Object.entries(state.orders).filter(
    ([order, known]) => order !== id && known.buyer === buyer && isCounting(state, known),
  )
  const orders = new Set(counting.map(([order]) => order))
  const holds = Object.entries(state.holds).filter(
    ([hold, known]) =>
      hold !== id && !orders.has(hold) && known.buyer === buyer && known.life === 'living',
  )
  return [...counting, ...holds].reduce((sum, [, known]) => sum + known.units.length, 0)
}

function isCounting(state: BookState, order: KnownOrder): boolean {
  return order.state === 'paid' || (order.state === 'pending' && order.untilMs > state.nowMs)
}

export function bought(state: BookState, buyer: string): number {
  const own = Object.values(state.orders).filter((order) => order.buyer === buyer)
  return own.reduce((sum, order) => sum + (isCounting(state, order) ? order.units.length : 0), 0)
}

export function isHeldBy(state: BookState, id: string, units: readonly number[]): boolean {
  return units.every((unit) => state.units[unit]?.id === id && state.units[unit]?.as === 'held')
}

export function give(state: BookState, units: readonly number[], to: Owner | null): BookState {
  const given = new Set(units)
  return { ...state, units: state.units.map((owner, unit) => (given.has(unit) ? to : owner)) }
}

export function withClaims(
  state: BookState,
  units: readonly number[],
  to: Owner | null,
): BookState {
  if (state.kind === 'sql') return give(state, units, to)
  const given = new Set(units)
  return { ...state, claims: state.claims.map((owner, unit) => (given.has(unit) ? to : owner)) }
}

export function withHold(state: BookState, id: string, hold: KnownHold): BookState {
  return { ...state, holds: { ...state.holds, [id]: hold } }
}

export function withOrder(state: BookState, id: string, as: KnownOrder['state']): BookState {
  const order = state.orders[id]
  if (order === undefined) throw new Error(`there is no order ${id}`)
  return { ...state, orders: { ...state.orders, [id]: { ...order, state: as } } }
}

export function lengthen(state: BookState, id: string, hold: KnownHold): BookState {
  const own = hold.units.filter((u) => state.units[u]?.id === id && state.units[u]?.as === 'held')
  const owner = { id, buyer: hold.buyer, as: 'held', untilMs: hold.untilMs } as const
  return withHold(give(state, own, owner), id, hold)
}

/** The hold ends, and those of its units that are still its own are free. */
export function end(state: BookState, id: string, life: KnownHold['life']): BookState {
  const own = (state.holds[id]?.units ?? []).filter((unit) => state.units[unit]?.id === id)
  return ended(give(state, own, null), id, life)
}

/** SQL keeps how a hold ended first; Redis remembers the last word, for a while. */
export function ended(state: BookState, id: string, life: KnownHold['life']): BookState {
  const known = state.holds[id]
  if (state.kind === 'sql') {
    const isOpen = known?.life === 'living' || known?.life === 'expired'
    return isOpen ? withHold(state, id, { ...known, life }) : state
  }
  const order = state.orders[id]
  const { buyer = order?.buyer ?? '', units = order?.units ?? [], digest = '' } = known ?? {}
  return withHold(state, id, {
    buyer,
    units,
    digest,
    life,
    isReserved: false,
    isNameless: false,
    untilMs: 0,
    capMs: 0,
    forgetMs: state.nowMs + memoryMs,
  })
}
