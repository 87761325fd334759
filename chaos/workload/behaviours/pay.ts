/** From held seats to a paid order. Not a behaviour of its own. */
import type { Holding } from '../fan.ts'
import type { CheckoutAnswer, OrderAnswer } from '../shapes.ts'
import type { Visit } from '../visit.ts'

export const cards = {
  good: 'pm_card_visa',
  declined: 'pm_card_chargeDeclined',
  asking: 'pm_card_threeDSecure2Required',
} as const

/** A fan looks so often whether the order is paid, and then goes home. */
const looksMax = 20
const lookEveryMs = 400
const thinkMsMax = 250

export async function startOf(visit: Visit, holding: Holding): Promise<CheckoutAnswer> {
  const opened = await visit.fan.start(holding)
  const { id, total } = holding.hold
  if (opened.order.id !== id || opened.order.total !== total) {
    const { order } = opened
    visit.notice(`hold ${id} of ${total} became order ${order.id} of ${order.total}`)
  }
  await visit.think(thinkMsMax)
  return opened
}

/** @returns the order as it was last told: paid, unless it ended or the fan has gone home */
export async function payFor(visit: Visit, holding: Holding): Promise<OrderAnswer> {
  const { order } = await startOf(visit, holding)
  return payWith(visit, order.id)
}

export async function payWith(visit: Visit, order: string): Promise<OrderAnswer> {
  const card = { order, key: visit.newKey(), card: cards.good }
  const { order: now } = await visit.fan.confirm(card)
  return untilSettled(visit, now)
}

export async function untilSettled(
  { fan, think }: Visit,
  pending: OrderAnswer,
): Promise<OrderAnswer> {
  let now = pending
  for (let looks = 0; now.state === 'pending' && looks < looksMax; looks += 1) {
    await think(2 * lookEveryMs)
    now = (await fan.status(now.id)).order
  }
  return now
}
