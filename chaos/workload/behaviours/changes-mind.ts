/** Holds, looks, takes more time, gives back, wants it back after all, and gives it back for good. */
import { isRefused, type Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'

const thinkMsMax = 400
const wantsBackShare = 0.4

export async function changesMind(visit: Visit): Promise<void> {
  const { fan, think, chance } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const of = { event: holding.event, hold: holding.hold.id }
  await think(thinkMsMax)
  await fan.look(of)
  const isAtCap = await isRefused(fan.extend(of), 'HOLD_AT_CAP')
  if (!isAtCap) await think(thinkMsMax)
  await fan.release(of)
  if (chance.fraction() >= wantsBackShare) return
  await think(thinkMsMax)
  const isGone = await isRefused(fan.reclaim(holding), 'SEATS_TAKEN', 'HOLD_EXPIRED', 'NOT_FOUND')
  if (!isGone) await fan.release(of)
}
