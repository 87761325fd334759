/**
 * Asks again with the same key: for the same, and must get the same; for something else, and must
 * be refused. Then buys, and asks by the key what became of it.
 */
import type { Wish } from '../../history/entry.ts'
import type { Holding } from '../fan.ts'
import { isRefused, type Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { payFor } from './pay.ts'

const thinkMsMax = 300

export async function comesBack(visit: Visit): Promise<void> {
  const { fan, think, chance, notice } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  await think(thinkMsMax)
  const { event, key, wish, hold } = holding
  const again = await fan.place({ event, key, wish })
  if (again.hold.id !== hold.id || unitsOf(again) !== unitsOf(holding)) {
    notice(`key ${key} held ${unitsOf(holding)}, and held ${unitsOf(again)} the second time`)
  }
  if (chance.fraction() < 0.5) {
    const isKept = await isRefused(fan.place({ event, key, wish: anotherThan(wish) }), 'KEY_REUSED')
    if (!isKept) notice(`key ${key} was taken for two wishes`)
  }
  const order = await payFor(visit, holding)
  const found = await fan.orderByKey({ event, key })
  if (found.id !== order.id) notice(`key ${key} bought ${order.id} and finds ${found.id}`)
}

function unitsOf({ hold }: Holding): string {
  return hold.lines.map(({ unit }) => unit).join(',')
}

function anotherThan(wish: Wish): Wish {
  if (wish.kind === 'units') return { kind: 'best', count: 1 }
  return { ...wish, count: wish.count === 1 ? 2 : 1 }
}
