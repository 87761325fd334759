/** From wishes to held seats, choosing again while others are faster. Not a behaviour of its own. */
import { pickUnits } from '../../../bench/onsale/pick-units.ts'
import type { Wish } from '../../history/entry.ts'
import { toldOf } from '../../history/told.ts'
import type { Holding } from '../fan.ts'
import type { Visit } from '../visit.ts'

const choicesMax = 3
const countMax = 3
const cold = { units: 0.55, best: 0.3, standing: 0.15 } as const

/** Says "choose others", and nothing is wrong. */
const chooseAgain: ReadonlySet<string> = new Set(['SEATS_TAKEN', 'SOLD_OUT', 'NOT_TOGETHER'])

/** @returns null when the fan found nothing, or has had all that one buyer may have */
export async function holdSeats(visit: Visit): Promise<Holding | null> {
  for (let choice = 0; choice < choicesMax; choice += 1) {
    const wish = await choose(visit, choice)
    if (wish === null) continue
    const held = await holdThese(visit, wish)
    if (held !== 'others were faster') return held
  }
  return null
}

/** @returns null when it would be more than one buyer may have */
export async function holdThese(
  visit: Visit,
  wish: Wish,
): Promise<Holding | 'others were faster' | null> {
  const { fan, event, known, newKey } = visit
  const { person } = fan
  try {
    const holding = await fan.place({ event: event.id, key: newKey(), wish })
    const { id, lines } = holding.hold
    person.taken.set(event.id, (person.taken.get(event.id) ?? 0) + lines.length)
    known.saw({ actor: person.recorder.actor, event: event.id, id })
    return holding
  } catch (cause) {
    const told = toldOf(cause)
    if (told === null || told.outcome === 'unknown') throw cause
    if (chooseAgain.has(told.code)) return 'others were faster'
    if (told.code !== 'LIMIT_REACHED') throw cause
    person.taken.set(event.id, event.limitPerBuyer)
    return null
  }
}

/** First somewhere; then what the map shows as free; then whatever there is. */
async function choose(visit: Visit, choice: number): Promise<Wish | null> {
  const { fan, event, hall, chance } = visit
  const left = event.limitPerBuyer - (fan.person.taken.get(event.id) ?? 0)
  const count = Math.max(1, Math.min(left, 1 + chance.below(countMax)))
  const kind = chance.choose(cold)
  if (choice === choicesMax - 1 || hall.seated.length === 0) return anyOf(visit, count)
  if (kind === 'standing' && hall.standing.length > 0) return { kind, count }
  const section = hall.seated[chance.below(hall.seated.length)]
  if (section === undefined || kind !== 'units') return { kind: 'best', count }
  if (choice === 0) {
    const first = section.firstUnit + chance.below(Math.max(1, section.units - count + 1))
    const size = Math.min(count, section.units)
    return { kind: 'units', units: Array.from({ length: size }, (_, index) => first + index) }
  }
  const [shown] = await fan.availability({ event: event.id, section: section.name })
  const units = shown === undefined ? null : pickUnits(shown, count, chance)
  return units === null ? null : { kind: 'units', units }
}

function anyOf({ hall }: Visit, count: number): Wish {
  return { kind: hall.seated.length > 0 ? 'best' : 'standing', count }
}
