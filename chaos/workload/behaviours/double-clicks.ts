/** Clicks everything twice: two starts at once are one order, two confirms at once one payment. */
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { cards, untilSettled } from './pay.ts'

export async function doubleClicks(visit: Visit): Promise<void> {
  const { fan, newKey, notice } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const twin = fan.twin()
  const [one, two] = await bothOf(fan.start(holding), twin.start(holding))
  const order = one.order.id
  if (order !== two.order.id) notice(`one hold became two orders, ${order} and ${two.order.id}`)
  const card = { order, key: newKey(), card: cards.good }
  const [paid] = await bothOf(fan.confirm(card), twin.confirm(card))
  await untilSettled(visit, paid.order)
}

/** Neither is left alone when the other one fails. */
async function bothOf<Answer>(
  one: Promise<Answer>,
  two: Promise<Answer>,
): Promise<[Answer, Answer]> {
  await Promise.allSettled([one, two])
  return [await one, await two]
}
