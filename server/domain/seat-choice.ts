/** What a choice of seats is, and how one is drawn so that simultaneous fans do not collide. */
import { assert } from '../platform/assert.ts'
import type { SeatMap } from './seat-map.ts'
import type { UnitState } from './units.ts'

/** Units to try to take, all or none. */
export type Candidate = {
  /** Rising. */
  readonly units: readonly number[]
  /**
   * For each end of each group of neighbours the next two units [near, far] beyond it, -1 where a
   * wall or an aisle is. Whoever takes the units must see, in the same atomic step, that no end
   * has near free and far not free (or -1): that would leave a single seat. A near of -1 needs no
   * check. Empty when the rule does not hold for this candidate.
   */
  readonly edges: readonly (readonly [number, number])[]
}

export type AdjacentWish = {
  readonly seatMap: SeatMap
  /** Indices of sections to search; standing ones are passed over. */
  readonly sections: readonly number[]
  readonly stateOf: (unit: number) => UnitState
  /** How many seats, from 1. */
  readonly count: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** How many alternatives to return at most, from 1. */
  readonly candidates: number
  /** Whether seats apart from one another will do when none are together. */
  readonly allowSplit?: boolean
}

/** @throws AssertionError for a wish that no caller may make. */
export function assertWish(wish: { readonly count: number; readonly candidates: number }): void {
  assert(Number.isSafeInteger(wish.count) && wish.count >= 1, 'a count of seats is from 1')
  assert(Number.isSafeInteger(wish.candidates) && wish.candidates >= 1, 'at least one candidate')
}

/** The share of the possible choices, best first, among which one is drawn … */
const windowShare = 0.2

/** … and their least number, so that the last seats are not all fought for in one order. */
const windowMin = 32

export type Choices = {
  /** Lower is better; one for each choice. */
  readonly scores: readonly number[]
  readonly unitsOf: (index: number) => readonly number[]
}

/**
 * Draws up to `candidates` of the better choices, in random order: those without a common unit
 * first, so that a lost race for one says little about the next. @returns their indices.
 */
export function drawChoices(
  choices: Choices,
  wish: { readonly random: () => number; readonly candidates: number },
): number[] {
  const window = bestChoices(choices.scores)
  const drawn: number[] = []
  const spare: number[] = []
  const units = new Set<number>()
  for (let next = 0; next < window.length && drawn.length < wish.candidates; next += 1) {
    const index = swapToFront(window, next, wish.random)
    const wanted = choices.unitsOf(index)
    if (wanted.some((unit) => units.has(unit))) {
      spare.push(index)
      continue
    }
    drawn.push(index)
    for (const unit of wanted) units.add(unit)
  }
  return [...drawn, ...spare].slice(0, wish.candidates)
}

/** Indices of the choices inside the window; those that tie with its last one are inside as well. */
function bestChoices(scores: readonly number[]): number[] {
  const size = Math.max(windowMin, Math.ceil(scores.length * windowShare))
  const worst = size < scores.length ? Float64Array.from(scores).sort()[size - 1] : undefined
  const indices = [...scores.keys()]
  return worst === undefined ? indices : indices.filter((index) => (scores[index] ?? 0) <= worst)
}

/** One step of a shuffle: a random one of the entries from `next` on comes to `next`. */
function swapToFront(entries: number[], next: number, random: () => number): number {
  const at = next + Math.floor(random() * (entries.length - next))
  const chosen = entries[at] ?? 0
  entries[at] = entries[next] ?? 0
  entries[next] = chosen
  return chosen
}
