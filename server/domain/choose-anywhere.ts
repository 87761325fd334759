/**
 * Places in a standing area: any free units will do, so the choice only has to be cheap and to
 * differ from fan to fan. Each candidate begins at a random unit and takes the next free ones;
 * when hardly any are left, a draw from the list of all free ones costs less and is fairer.
 */
import { assertWish, type Candidate } from './seat-choice.ts'
import type { UnitState } from './units.ts'

export type AnywhereWish = {
  /** The area: `units` units from `firstUnit` on. */
  readonly firstUnit: number
  readonly units: number
  readonly stateOf: (unit: number) => UnitState
  readonly count: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly candidates: number
}

/** Up to `candidates` sets of `count` free units, none in two of them; nothing if too few are free. */
export function chooseAnywhere(wish: AnywhereWish): Candidate[] {
  assertWish(wish)
  const chosen = new Set<number>()
  const candidates: Candidate[] = []
  while (candidates.length < wish.candidates) {
    const units = takeFrom(wish, chosen)
    if (units === undefined)
      return [...candidates, ...drawFromList(wish, chosen, candidates.length)]
    candidates.push(toCandidate(units, chosen))
  }
  return candidates
}

/** Steps for each unit wanted before the list of all free units is the better way. */
const stepsPerUnit = 16

function takeFrom(wish: AnywhereWish, chosen: ReadonlySet<number>): number[] | undefined {
  const start = Math.floor(wish.random() * wish.units)
  const steps = Math.min(wish.units, wish.count * stepsPerUnit)
  const units: number[] = []
  for (let step = 0; step < steps; step += 1) {
    const unit = wish.firstUnit + ((start + step) % wish.units)
    if (chosen.has(unit) || wish.stateOf(unit) !== 'free') continue
    units.push(unit)
    if (units.length === wish.count) return units
  }
  return undefined
}

function drawFromList(
  wish: AnywhereWish,
  chosen: Set<number>,
  alreadyDrawn: number,
): readonly Candidate[] {
  const free: number[] = []
  for (let unit = wish.firstUnit; unit < wish.firstUnit + wish.units; unit += 1) {
    if (!chosen.has(unit) && wish.stateOf(unit) === 'free') free.push(unit)
  }
  const candidates: Candidate[] = []
  while (free.length >= wish.count && alreadyDrawn + candidates.length < wish.candidates) {
    const units = Array.from({ length: wish.count }, () => drawOne(free, wish.random))
    candidates.push(toCandidate(units, chosen))
  }
  return candidates
}

/** Takes a random entry out; the last one fills its place. */
function drawOne(units: number[], random: () => number): number {
  const at = Math.floor(random() * units.length)
  const last = units.length - 1
  const drawn = units[at] ?? 0
  units[at] = units[last] ?? 0
  units.length = last
  return drawn
}

function toCandidate(units: number[], chosen: Set<number>): Candidate {
  for (const unit of units) chosen.add(unit)
  return { units: units.sort((a, b) => a - b), edges: [] }
}
