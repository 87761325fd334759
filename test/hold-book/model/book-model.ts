/**
 * What a hold book may answer, written a second time and simply: units and who has them, holds by
 * their ids, orders in SQL. It does not choose units; it judges what was chosen. Where the two books
 * differ by design, `kind` says which one is meant: the SQL book's holds are the claims that orders
 * take, so that it sees an order's steps at once; the Redis book hears of them.
 */
import {
  type BookState,
  bought,
  capMs,
  claimsOf,
  end,
  ended,
  give,
  isHeldBy,
  type KnownHold,
  type KnownOrder,
  keepMs,
  lengthen,
  living,
  memoryMs,
  type Owner,
  reservationMs,
  type Units,
  unitsOf,
  withClaims,
  withHold,
  withOrder,
} from './book-state.ts'
import type { Answer, Operation, Wish } from './operations.ts'
import { roomFor, sectionUnits } from './room.ts'

/** Real time goes on beside the model's: answers may be so much less. */
const slackMs = 50_000

/** The state after the operation, if it may be answered so; else null. */
export function step(state: BookState, operation: Operation, answer: Answer): BookState | null {
  const next = afterStep(state, operation, answer)
  if (next === null || next.units === state.units) return next
  const everTaken = next.everTaken.map((was, unit) => was || next.units[unit] !== null)
  return { ...next, everTaken }
}

function afterStep(state: BookState, operation: Operation, answer: Answer): BookState | null {
  // Crowding is an honest answer, and nothing was done.
  if (answer.kind === 'crowded') return state
  switch (operation.what) {
    case 'place':
      return place(state, operation.wish, answer)
    case 'extend':
      return extend(state, operation, answer)
    case 'release':
      return release(state, operation.id, answer)
    case 'find':
      return isFound(state, operation, answer) ? state : null
    case 'reserve':
      return reserve(state, operation, answer)
    case 'start':
      return start(state, operation, answer)
    case 'pay':
      return pay(state, operation.id, answer)
    case 'cancel':
      return cancel(state, operation.id, answer)
    case 'convert':
      return convert(state, operation.id)
    case 'free':
      return free(state, operation.id)
  }
}

function place(state: BookState, wish: Wish, answer: Answer): BookState | null {
  const known = state.holds[wish.id]
  if (known !== undefined) return isRepeated(known, wish, answer) ? state : null
  const { request } = wish
  const already = unitsOf(state, wish.buyer, wish.id)
  const count = request.kind === 'units' ? request.units.length : request.count
  if (already + count > state.limit) {
    return answer.kind === 'limit' && answer.already === already ? state : null
  }
  if (answer.kind === 'held') {
    const isRight = !answer.repeated && isWished(state, wish, answer.units)
    return isRight && isAbout(answer.leftMs, wish.ttlMs) ? grant(state, wish, answer.units) : null
  }
  if (request.kind === 'units') {
    const taken = request.units.filter((unit) => state.units[unit] !== null)
    const isSo = answer.kind === 'taken' && taken.length > 0 && same(taken, answer.units)
    return isSo ? state : null
  }
  return isRefusal(state, wish, answer) ? state : null
}

function isRepeated(known: KnownHold, wish: Wish, answer: Answer): boolean {
  if (known.digest !== '' && known.digest !== wish.digest) return answer.kind === 'key-reused'
  if (known.life !== 'living' || known.isNameless) return answer.kind === 'ended'
  return answer.kind === 'held' && answer.repeated && same(known.units, answer.units)
}

/** No room, by what the book sees: SQL chooses from a bitmap that may be a moment old. */
function isRefusal(state: BookState, { request }: Wish, answer: Answer): boolean {
  if (request.kind === 'units') return false
  const isStale = state.kind === 'sql'
  const isFree = (unit: number) =>
    state.units[unit] === null && !(isStale && state.everTaken[unit] === true)
  const { free, together } = roomFor(request, isFree)
  const isSoldOut = free < request.count
  const isApart = request.kind === 'best' && !together
  if (answer.kind === 'sold-out') return isSoldOut || (isStale && isApart)
  return (
    answer.kind === 'not-together' && (isApart || (isStale && isSoldOut)) && (isStale || !isSoldOut)
  )
}

function isWished(state: BookState, { request }: Wish, units: readonly number[]): boolean {
  if (units.some((unit) => state.units[unit] !== null)) return false
  if (request.kind === 'units') return same(request.units, units)
  const wanted = new Set(request.sections.flatMap(sectionUnits))
  const isWhole = new Set(units).size === request.count && units.every((unit) => wanted.has(unit))
  const alone = new Set(units)
  return isWhole && (request.kind === 'anywhere' || roomFor(request, (u) => alone.has(u)).together)
}

function grant(state: BookState, wish: Wish, units: readonly number[]): BookState {
  const { id, buyer, digest } = wish
  const untilMs = state.nowMs + wish.ttlMs
  const hold: KnownHold = {
    buyer,
    units,
    digest,
    life: 'living',
    isReserved: false,
    isNameless: false,
    untilMs,
    capMs: state.nowMs + capMs,
    forgetMs: 0,
  }
  return withHold(give(state, units, { id, buyer, as: 'held', untilMs }), id, hold)
}

type Extending = Extract<Operation, { readonly what: 'extend' }>

function extend(state: BookState, { id, ttlMs }: Extending, answer: Answer): BookState | null {
  const hold = living(state, id)
  if (hold === null) return answer.kind === 'gone' ? state : null
  const isKept = state.kind === 'redis' ? hold.isReserved : !isHeldBy(state, id, hold.units)
  if (isKept || hold.untilMs >= hold.capMs) {
    const isRight = answer.kind === 'at-cap' && isAbout(answer.leftMs, hold.untilMs - state.nowMs)
    return isRight ? state : null
  }
  const untilMs = Math.max(hold.untilMs, Math.min(state.nowMs + ttlMs, hold.capMs))
  const isRight = answer.kind === 'extended' && isAbout(answer.leftMs, untilMs - state.nowMs)
  return isRight ? lengthen(state, id, { ...hold, untilMs }) : null
}

function release(state: BookState, id: string, answer: Answer): BookState | null {
  const hold = state.holds[id]
  const isLiving = hold?.life === 'living'
  const isFree =
    isLiving && (state.kind === 'redis' ? !hold.isReserved : isHeldBy(state, id, hold.units))
  if (answer.kind !== (isFree ? 'released' : 'gone')) return null
  return isFree ? end(state, id, 'released') : state
}

type Finding = Extract<Operation, { readonly what: 'find' }>

function isFound(state: BookState, { id, buyer }: Finding, answer: Answer): boolean {
  const hold = living(state, id)
  if (hold === null || (buyer !== null && buyer !== hold.buyer)) return answer.kind === 'gone'
  return (
    answer.kind === 'found' &&
    same(hold.units, answer.units) &&
    isAbout(answer.leftMs, hold.untilMs - state.nowMs)
  )
}

type Reserving = Extract<Operation, { readonly what: 'reserve' }>

function reserve(state: BookState, asked: Reserving, answer: Answer): BookState | null {
  const next = state.kind === 'redis' ? reserveInRedis(state, asked) : reserveInSql(state, asked)
  return answer.kind === (next === null ? 'gone' : 'reserved') ? (next ?? state) : null
}

function reserveInRedis(state: BookState, asked: Reserving): BookState | null {
  const { id, units } = asked
  const hold = state.holds[id]
  if (hold?.life === 'living') {
    if (!same(hold.units, units)) return null
    const untilMs = Math.max(hold.untilMs, state.nowMs + keepMs)
    return lengthen(state, id, { ...hold, isReserved: true, untilMs })
  }
  if (hold?.life === 'released' || hold?.life === 'converted') return null
  return takeAnew(state, asked)
}

/** Once there is an order, its own reservation counts and is not touched. */
function reserveInSql(state: BookState, asked: Reserving): BookState | null {
  const { id, units } = asked
  const isOwn = (unit: number) => state.units[unit]?.id === id && state.units[unit]?.as !== 'sold'
  const hold = state.holds[id]
  const isEnded = hold?.life === 'released' || hold?.life === 'converted'
  const isAnswered = state.orders[id] !== undefined || isEnded
  const anew = isAnswered ? null : takeAnew(state, asked)
  return anew ?? (units.every(isOwn) ? state : null)
}

function takeAnew(state: BookState, { id, buyer, units, digest }: Reserving): BookState | null {
  const isFree = (unit: number) => {
    const owner = state.units[unit] ?? null
    return owner === null || (state.kind === 'sql' && owner.id === id && owner.as === 'held')
  }
  if (!units.every(isFree)) return null
  if (unitsOf(state, buyer, id) + units.length > state.limit) return null
  const known = state.holds[id]
  const untilMs = Math.max(state.kind === 'sql' ? (known?.untilMs ?? 0) : 0, state.nowMs + keepMs)
  const hold: KnownHold = {
    buyer,
    units,
    digest,
    life: 'living',
    isReserved: true,
    isNameless: false,
    untilMs,
    capMs: state.kind === 'sql' && known ? known.capMs : state.nowMs + capMs,
    forgetMs: 0,
  }
  return withHold(give(state, units, { id, buyer, as: 'held', untilMs }), id, hold)
}

type Starting = Extract<Operation, { readonly what: 'start' }>

function start(state: BookState, { id, buyer, units }: Starting, answer: Answer): BookState | null {
  if (state.orders[id] !== undefined) return answer.kind === 'repeated' ? state : null
  const claims = claimsOf(state)
  const isFree = (unit: number) => {
    const owner = claims[unit] ?? null
    return owner === null || (owner.id === id && owner.as === 'held')
  }
  const isRight = units.every(isFree) && bought(state, buyer) + units.length <= state.limit
  if (answer.kind !== (isRight ? 'started' : 'refused')) return null
  if (!isRight) return state
  const untilMs = state.nowMs + reservationMs
  const owner = { id, buyer, as: 'reserved', untilMs } as const
  const order: KnownOrder = { buyer, units, state: 'pending', untilMs }
  return { ...withClaims(state, units, owner), orders: { ...state.orders, [id]: order } }
}

function pay(state: BookState, id: string, answer: Answer): BookState | null {
  const order = state.orders[id]
  const claims = claimsOf(state)
  const isFree = (unit: number) => {
    const owner = claims[unit] ?? null
    return owner === null || (owner.id === id && owner.as === 'reserved')
  }
  const isRight = order?.state === 'pending' && order.units.every(isFree)
  if (answer.kind !== (isRight ? 'paid' : 'refused')) return null
  if (!isRight) return state
  const owner = { id, buyer: order.buyer, as: 'sold', untilMs: Number.MAX_SAFE_INTEGER } as const
  return withOrder(withClaims(state, order.units, owner), id, 'paid')
}

function cancel(state: BookState, id: string, answer: Answer): BookState | null {
  const order = state.orders[id]
  const isRight = order?.state === 'pending'
  if (answer.kind !== (isRight ? 'cancelled' : 'refused')) return null
  if (!isRight) return state
  const claims = claimsOf(state)
  const own = order.units.filter((u) => claims[u]?.id === id && claims[u]?.as === 'reserved')
  return withOrder(withClaims(state, own, null), id, 'void')
}

/** Only of orders that are paid. A hold of somebody else on their units is broken. */
function convert(state: BookState, id: string): BookState {
  const order = state.orders[id]
  if (order === undefined) return state
  if (state.kind === 'sql') return ended(state, id, 'converted')
  let next = state.holds[id]?.life === 'living' ? end(state, id, 'converted') : state
  for (const unit of order.units) {
    const owner = next.units[unit] ?? null
    if (owner !== null && owner.id !== id) next = end(next, owner.id, 'broken')
  }
  const owner = { id, buyer: order.buyer, as: 'sold', untilMs: Number.MAX_SAFE_INTEGER } as const
  return ended(give(next, order.units, owner), id, 'converted')
}

/** Only of orders that are void. */
function free(state: BookState, id: string): BookState {
  const order = state.orders[id]
  if (order === undefined) return state
  const isOwn = (unit: number) => state.units[unit]?.id === id && state.units[unit]?.as === 'held'
  const units = state.kind === 'sql' ? order.units : (state.holds[id]?.units ?? [])
  const own = [...new Set([...units, ...order.units])].filter(isOwn)
  return ended(give(state, own, null), id, 'released')
}

/** Time goes by (and a little real time with it), and whoever looks at the book finds what has run out ended. */
export function advance(state: BookState, ms: number): BookState {
  const nowMs = state.nowMs + ms
  const isOver = (owner: Owner | null) => owner !== null && owner.untilMs <= nowMs
  const lapse = (units: Units): Units => units.map((owner) => (isOver(owner) ? null : owner))
  const holds = Object.entries(state.holds).flatMap(([id, hold]) => {
    if (hold.life !== 'living') {
      const isForgotten = state.kind === 'redis' && hold.forgetMs <= nowMs
      return isForgotten ? [] : [[id, hold] as const]
    }
    if (hold.untilMs > nowMs) return [[id, hold] as const]
    return [[id, { ...hold, life: 'expired', forgetMs: nowMs + memoryMs }] as const]
  })
  const later = { ...state, nowMs, units: lapse(state.units), claims: lapse(state.claims) }
  return { ...later, holds: Object.fromEntries(holds) }
}

/** Redis lost all: the book is what SQL says, and nothing else is known of any hold. */
export function wipe(state: BookState): BookState {
  const holds: Record<string, KnownHold> = {}
  const units = state.claims.map((owner) => {
    if (owner?.as !== 'reserved') return owner
    const { id, buyer, untilMs } = owner
    const own = state.claims.flatMap((other, unit) => (other?.id === id ? [unit] : []))
    holds[id] = {
      buyer,
      units: own,
      digest: '',
      life: 'living',
      isReserved: true,
      isNameless: true,
      untilMs,
      capMs: 0,
      forgetMs: 0,
    }
    return { id, buyer, as: 'held', untilMs } as const
  })
  return { ...state, units, holds }
}

function isAbout(answeredMs: number, expectedMs: number): boolean {
  return answeredMs <= expectedMs + 50 && answeredMs >= expectedMs - slackMs
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((unit, at) => unit === other[at])
}
