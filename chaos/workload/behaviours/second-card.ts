/** The first card is declined, which costs nothing; the second one pays. */
import { isRefused, type Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { cards, payWith, startOf } from './pay.ts'

export async function secondCard(visit: Visit): Promise<void> {
  const { fan, newKey, notice } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const { order } = await startOf(visit, holding)
  const bad = { order: order.id, key: newKey(), card: cards.declined }
  const isDeclined = await isRefused(fan.confirm(bad), 'CARD_DECLINED')
  if (!isDeclined) notice(`the card ${bad.card} was taken for order ${order.id}`)
  await payWith(visit, order.id)
}
