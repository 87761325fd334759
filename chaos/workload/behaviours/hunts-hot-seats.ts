/** Wants the seats that everybody wants now; few who get them buy, so that the hunt goes on. */
import type { Visit } from '../visit.ts'
import { holdThese } from './hold-seats.ts'
import { payFor } from './pay.ts'

const triesMax = 4
const thinkMsMax = 200
const buysShare = 0.15

export async function huntsHotSeats(visit: Visit): Promise<void> {
  const { fan, hot, chance, think } = visit
  for (let tries = 0; tries < triesMax; tries += 1) {
    const unit = hot[chance.below(hot.length)]
    if (unit === undefined) return
    const held = await holdThese(visit, { kind: 'units', units: [unit] })
    await think(thinkMsMax)
    if (held === 'others were faster') continue
    if (held === null) return
    if (chance.fraction() < buysShare) await payFor(visit, held)
    else await fan.release({ event: held.event, hold: held.hold.id })
    return
  }
}
