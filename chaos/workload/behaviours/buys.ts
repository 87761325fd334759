/** Holds seats, thinks, pays: what everybody should do. */
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { payFor } from './pay.ts'

const thinkMsMax = 300

export async function buys(visit: Visit): Promise<void> {
  const holding = await holdSeats(visit)
  if (holding === null) return
  await visit.think(thinkMsMax)
  await payFor(visit, holding)
}
