/** From held seats to a paid order, or to what came between. */
import { setTimeout as wait } from 'node:timers/promises'
import { FrontrowError } from '../../client/index.ts'
import type { Checkout, Fan, Hold, Order } from './fan.ts'
import { sendAsFated } from './send-manners.ts'

const cards = {
  good: 'pm_card_visa',
  declined: 'pm_card_chargeDeclined',
  empty: 'pm_card_chargeDeclinedInsufficientFunds',
  asking: 'pm_card_threeDSecure2Required',
} as const

/** After the bank said yes: how often a fan looks whether the order is paid. */
const looksMax = 50
const looksEveryMs = 200

export type Held = { readonly key: string; readonly hold: Hold }

/** @returns the order, paid unless the system could not settle it; null: the fan has no money. */
export async function payForSeats(fan: Fan, { key, hold }: Held): Promise<Order | null> {
  const { calls, client, plan } = fan
  const opened = await sendAsFated(fan, {
    step: 'start',
    send: (options) => client.checkout.start.mutate({ holdToken: hold.token }, options),
    gist: ({ order }) => `${order.id} ${order.total}`,
  })
  if (opened.order.id !== hold.id || opened.order.total !== hold.total) {
    fan.notice(
      `hold ${hold.id} of ${hold.total} became ${opened.order.id} of ${opened.order.total}`,
    )
  }
  await calls.pause(plan.thinkMs)
  const order = await payAsFated(fan, opened)
  if (order?.state !== 'paid') return order
  if (plan.fate === 'buys') calls.bought(order.tickets.length)
  else calls.paid(order.tickets.length)
  if (plan.fate === 'twins' || plan.fate === 'lost-answers') await askByKey(fan, { key, order })
  return order
}

async function payAsFated(fan: Fan, { order, payment }: Checkout): Promise<Order | null> {
  switch (fan.plan.fate) {
    case 'no-money':
      await beDeclined(fan, order, cards.empty)
      return null
    case 'second-card':
      await beDeclined(fan, order, cards.declined)
      return confirm(fan, order)
    case 'three-d-secure':
      return proveIdentity(fan, order, intentOf(payment?.clientSecret))
    default:
      return confirm(fan, order)
  }
}

async function confirm(fan: Fan, { id }: Order): Promise<Order> {
  const { client } = fan
  const card = { order: id, key: client.newKey(), paymentMethod: cards.good }
  const { order } = await sendAsFated(fan, {
    step: 'complete',
    send: (options) => client.checkout.confirm.mutate(card, options),
    gist: ({ order: paid }) => `${paid.id} ${paid.state} ${paid.tickets.join(',')}`,
  })
  return order.state === 'paid' ? order : untilPaid(fan, order)
}

async function beDeclined({ calls, client, notice }: Fan, { id }: Order, card: string) {
  try {
    const wish = { order: id, key: client.newKey(), paymentMethod: card }
    await calls.call('complete', () => client.checkout.confirm.mutate(wish))
  } catch (cause) {
    if (cause instanceof FrontrowError && cause.code === 'CARD_DECLINED') return
    throw cause
  }
  notice(`the card ${card} was taken for order ${id}`)
}

async function proveIdentity(fan: Fan, { id }: Order, intent: string): Promise<Order> {
  const { calls, client, authenticate } = fan
  const wish = { order: id, key: client.newKey(), paymentMethod: cards.asking }
  const { order } = await calls.ask(() => client.checkout.confirm.mutate(wish))
  if (order.state !== 'pending') fan.notice(`order ${id} was ${order.state} before the bank asked`)
  await authenticate(intent)
  return untilPaid(fan, order)
}

/** Stripe's secrets are `pi_…_secret_…`. */
function intentOf(clientSecret: string | null | undefined): string {
  return clientSecret?.split('_secret_')[0] ?? ''
}

async function untilPaid({ calls, client }: Fan, pending: Order): Promise<Order> {
  const look = () => calls.ask(() => client.checkout.status.query({ order: pending.id }))
  let { order } = await look()
  for (let looks = 1; order.state === 'pending' && looks < looksMax; looks += 1) {
    await wait(looksEveryMs)
    order = (await look()).order
  }
  return order
}

/** A fan who comes back later and only knows the key of the wish finds the same order. */
async function askByKey(
  { calls, client, event, notice, plan }: Fan,
  { key, order }: { readonly key: string; readonly order: Order },
): Promise<void> {
  const found = await calls.ask(() => client.orders.getByKey.query({ event: event.id, key }))
  if (found.id === order.id && found.state === order.state) return
  notice(`fan ${plan.index} paid ${order.id}, and its key finds ${found.id}, ${found.state}`)
}
