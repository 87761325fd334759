/** Points at seats on the map, as a fan does: some free ones in a row, rather in front. */
import type { Chance } from './seeded-chance.ts'

/** One section as `events.availability` gives it when asked for by name. */
export type SectionStates = {
  readonly firstUnit: number
  /** One digit a unit from firstUnit on; 0 is free. */
  readonly states: string | null
}

/** @returns neighbouring free units, or null when the section has no `count` of them. */
export function pickUnits(
  { firstUnit, states }: SectionStates,
  count: number,
  chance: Chance,
): number[] | null {
  const wanted = '0'.repeat(count)
  const starts: number[] = []
  const text = states ?? ''
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) starts.push(at)
  const start = starts[frontFirst(starts.length, chance)]
  if (start === undefined) return null
  return Array.from({ length: count }, (_, index) => firstUnit + start + index)
}

/** An index below `bound` that is more often small: everybody wants the front, and so they meet. */
export function frontFirst(bound: number, chance: Chance): number {
  return Math.floor(bound * chance.fraction() ** 2)
}
