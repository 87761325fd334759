/** Closes the page in the middle of paying and never asks again: the system must settle it alone. */
import { toldOf } from '../../history/told.ts'
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { cards, startOf } from './pay.ts'

/** From before the request has left to after its answer has come. */
const closesWithinMs = 120

export async function closesPage(visit: Visit): Promise<void> {
  const { fan, chance, newKey } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const { order } = await startOf(visit, holding)
  const closed = AbortSignal.timeout(1 + chance.below(closesWithinMs))
  try {
    await fan.confirmAndLeave({ order: order.id, key: newKey(), card: cards.good }, closed)
  } catch (cause) {
    if (toldOf(cause) === null) throw cause
  }
}
