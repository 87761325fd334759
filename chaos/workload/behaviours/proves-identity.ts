/** A card whose bank asks its holder first (3-D Secure); the holder says yes. */
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { cards, startOf, untilSettled } from './pay.ts'

const thinkMsMax = 500

export async function provesIdentity(visit: Visit): Promise<void> {
  const { fan, newKey, think, authenticate, notice } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const { order, payment } = await startOf(visit, holding)
  // Stripe's secrets are `pi_…_secret_…`.
  const intent = payment?.clientSecret?.split('_secret_')[0]
  if (intent === undefined) return
  const card = { order: order.id, key: newKey(), card: cards.asking }
  const { order: asked } = await fan.confirm(card)
  if (asked.state === 'paid') notice(`order ${asked.id} was paid before the bank had asked`)
  await think(thinkMsMax)
  if (await authenticate(intent)) await untilSettled(visit, asked)
}
