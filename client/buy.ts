/**
 * A whole purchase: hold, checkout, test card. Everything follows from the key, so that the same
 * purchase, sent again after whatever happened, goes on where it stopped and never buys twice.
 */
import type { Answer, Api } from './api.ts'
import { FrontrowError } from './frontrow-error.ts'

export type Checkout = Answer<Api['checkout']['start']['mutate']>
type Wish = Parameters<Api['holds']['place']['mutate']>[0]

export type Purchase = {
  /** From `client.newKey()`; the same for the same purchase, up to 150 characters. */
  readonly key: string
  readonly event: Wish['event']
  readonly seats: Wish['seats']
  /** One of Stripe's test payment methods; not needed when nothing is to be paid. */
  readonly paymentMethod?: string
}

/**
 * @returns the paid order; or the pending one while the bank asks for more (`payment.actionUrl`)
 *   or no `paymentMethod` was given
 * @throws FrontrowError CARD_DECLINED: the seats stay reserved; buy again with the same key and
 *   another `paymentMethod`. HOLD_EXPIRED, ORDER_ENDED: nothing was bought; a new key is needed
 */
export async function buyWith(api: Api, purchase: Purchase): Promise<Checkout> {
  const opened = await openCheckout(api, purchase)
  const { order, payment } = opened
  const { paymentMethod, key } = purchase
  if (order.state === 'paid' || payment === null || paymentMethod === undefined) return opened
  // One key for each card: trying another one is another attempt, trying the same is a repetition.
  return api.checkout.confirm.mutate({
    order: order.id,
    key: `${key}:${paymentMethod}`,
    paymentMethod,
  })
}

async function openCheckout(api: Api, { event, seats, key }: Purchase): Promise<Checkout> {
  try {
    const hold = await api.holds.place.mutate({ event, seats, key })
    return await api.checkout.start.mutate({ holdToken: hold.token })
  } catch (refused) {
    // The hold may be over because it has become an order.
    const order = await findByKey(api, { event, key })
    if (order === null) throw refused
    return api.checkout.status.query({ order: order.id })
  }
}

async function findByKey(api: Api, wish: { readonly event: string; readonly key: string }) {
  try {
    return await api.orders.getByKey.query(wish)
  } catch (cause) {
    if (cause instanceof FrontrowError && cause.code === 'NOT_FOUND') return null
    throw cause
  }
}
