/**
 * What orders and their payments may become, written a second time and simply: a few orders over a
 * few units, what their fans do, what the bank says, and the one rule by which an order is settled.
 * It knows no worker: whatever settles an order ends the same.
 */

export type Card = 'good' | 'declined' | 'asks the bank'

export type OrderModel = {
  readonly state: 'pending' | 'paid' | 'void'
  readonly isExpired: boolean
  readonly intent: 'needs-card' | 'needs-action' | 'authorized'
  /** The last card that was tried, with its key. */
  readonly tried: Card | null
  /** Somebody was told to settle it and found nothing to do yet; they may look again at any time. */
  readonly isWatched: boolean
}

export type SaleModel = {
  readonly isCancelled: boolean
  readonly orders: readonly (OrderModel | null)[]
}

/** Units of each order that may be: they get in one another's way. */
export const wishes = [[0, 1], [1, 2], [3], [0, 3]] as const

export const nothing: SaleModel = { isCancelled: false, orders: wishes.map(() => null) }

export type Outcome = { readonly sale: SaleModel; readonly answer: string }

/** @returns what the fan is told: the order's state, or the refusal */
export function start(sale: SaleModel, at: number): Outcome {
  const known = sale.orders[at] ?? null
  if (known !== null) return { sale, answer: known.state }
  if (sale.isCancelled) return { sale, answer: 'EVENT_CANCELLED' }
  if (isBlocked(sale, at)) return { sale, answer: 'SEATS_TAKEN' }
  const order: OrderModel = {
    state: 'pending',
    isExpired: false,
    intent: 'needs-card',
    tried: null,
    isWatched: false,
  }
  return { sale: withOrder(sale, at, order), answer: 'pending' }
}

export function confirm(sale: SaleModel, at: number, card: Card): Outcome {
  const order = orderAt(sale, at)
  if (order.state === 'paid') return { sale, answer: 'paid' }
  if (order.state === 'void' || order.isExpired) return { sale, answer: 'ORDER_ENDED' }
  // A card that was authorized stays so, whatever is tried after it.
  if (order.intent === 'authorized') return settled(withOrder(sale, at, order), at)
  const tried = { ...order, tried: card }
  if (card === 'good') return settled(withOrder(sale, at, { ...tried, intent: 'authorized' }), at)
  const intent = card === 'declined' ? 'needs-card' : 'needs-action'
  const answer = card === 'declined' ? 'CARD_DECLINED' : 'pending'
  return { sale: withOrder(sale, at, { ...tried, intent }), answer }
}

/** The same try once more: Stripe answers as before, whatever the intent has become. */
export function confirmAgain(sale: SaleModel, at: number): Outcome {
  const order = orderAt(sale, at)
  if (order.state === 'paid') return { sale, answer: 'paid' }
  if (order.state === 'void' || order.isExpired) return { sale, answer: 'ORDER_ENDED' }
  if (order.tried === 'good') return settled(sale, at)
  return { sale, answer: order.tried === 'declined' ? 'CARD_DECLINED' : 'pending' }
}

export function authenticate(sale: SaleModel, at: number, isApproved: boolean): SaleModel {
  const intent = isApproved ? 'authorized' : 'needs-card'
  return withOrder(sale, at, { ...orderAt(sale, at), intent })
}

export function runOut(sale: SaleModel, at: number): SaleModel {
  return withOrder(sale, at, { ...orderAt(sale, at), isExpired: true })
}

export function watch(sale: SaleModel, at: number): SaleModel {
  return withOrder(sale, at, { ...orderAt(sale, at), isWatched: true })
}

/** Money and seats: both, or neither; and who still has time is left alone. */
export function settle(sale: SaleModel, at: number): SaleModel {
  const order = orderAt(sale, at)
  if (order.state !== 'pending') return sale
  if (order.intent === 'authorized') {
    const isLost = sale.isCancelled || isBlocked(sale, at)
    return withOrder(sale, at, { ...order, state: isLost ? 'void' : 'paid' })
  }
  return order.isExpired ? withOrder(sale, at, { ...order, state: 'void' }) : sale
}

function settled(before: SaleModel, at: number): Outcome {
  const sale = settle(before, at)
  return { sale, answer: orderAt(sale, at).state }
}

/** All that the sale may be by now, where some orders are settled without anybody's asking. */
export function maybeSettled(sale: SaleModel): SaleModel[] {
  let all = [sale]
  sale.orders.forEach((order, at) => {
    if (order?.isWatched !== true) return
    all = all.flatMap((one) => {
      const next = settle(one, at)
      return next === one ? [one] : [one, next]
    })
  })
  return all
}

export function orderAt(sale: SaleModel, at: number): OrderModel {
  const order = sale.orders[at] ?? null
  if (order === null) throw new Error(`there is no order ${at}`)
  return order
}

/** Another order has one of its units, and has not lost it by now. */
function isBlocked(sale: SaleModel, at: number): boolean {
  const units = new Set<number>(wishes[at])
  return sale.orders.some((other, index) => {
    if (other === null || index === at) return false
    const isAlive = other.state === 'paid' || (other.state === 'pending' && !other.isExpired)
    return isAlive && (wishes[index] ?? []).some((unit) => units.has(unit))
  })
}

function withOrder(sale: SaleModel, at: number, order: OrderModel): SaleModel {
  return { ...sale, orders: sale.orders.map((one, index) => (index === at ? order : one)) }
}
