/**
 * Which units to try for a wish that names none, from a snapshot of the bitmap: groups in the order
 * in which to try them, or why there is none. It proposes; the hold book takes.
 */
import { chooseAdjacent, chooseAnywhere } from './choose-seats.ts'
import type { SeatRequest } from './hold.ts'
import { holdBookLimits } from './hold-book-limits.ts'
import type { Candidate } from './seat-choice.ts'
import type { SeatMap } from './seat-map.ts'
import { countStates, stateAt } from './units.ts'

export type OpenRequest = Exclude<SeatRequest, { readonly kind: 'units' }>

export type UnitsWish = {
  readonly seatMap: SeatMap
  readonly request: OpenRequest
  /** Only the bits of the sections asked for are read. */
  readonly bitmap: Uint8Array
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export type UnitsChoice =
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'sold-out' }
  | { readonly kind: 'not-together' }

export function chooseUnits(wish: UnitsWish): UnitsChoice {
  const { request, bitmap } = wish
  const areas = areasOf(wish.seatMap, request.sections)
  const free = areas.map(({ firstUnit, units }) => countStates(bitmap, firstUnit, units).free)
  if (free.reduce((sum, count) => sum + count, 0) < request.count) return { kind: 'sold-out' }
  const candidates = request.kind === 'best' ? chooseBest(wish) : chooseStanding(wish, areas)
  return candidates.length === 0 ? { kind: 'not-together' } : { kind: 'candidates', candidates }
}

type Area = { readonly firstUnit: number; readonly units: number }

/** The sections of these indices that exist, each once. */
export function areasOf(seatMap: SeatMap, sections: readonly number[]): Area[] {
  return [...new Set(sections)].flatMap((index) => seatMap.sections[index] ?? [])
}

/**
 * Sections come in random order and some at a time: a choice among all the seats of an arena costs
 * milliseconds, which a thousand fans at once have not got. What obeys the orphan rule (its ends
 * are to be checked) wins over what does not, wherever it is.
 */
function chooseBest(wish: UnitsWish): readonly Candidate[] {
  const { seatMap, request, bitmap, random } = wish
  let untidy: readonly Candidate[] = []
  for (const sections of portions(seatMap, shuffled(request.sections, random))) {
    const found = chooseAdjacent({
      seatMap,
      sections,
      count: request.count,
      stateOf: (unit) => stateAt(bitmap, unit),
      random,
      candidates: holdBookLimits.candidatesPerChoice,
    })
    if ((found[0]?.edges.length ?? 0) > 0) return found
    if (untidy.length === 0) untidy = found
  }
  return untidy
}

/** Sections in groups of about `unitsPerChoice` units. */
function* portions(seatMap: SeatMap, sections: readonly number[]): Generator<number[]> {
  let portion: number[] = []
  let units = 0
  for (const section of sections) {
    portion.push(section)
    units += seatMap.sections[section]?.units ?? 0
    if (units < holdBookLimits.unitsPerChoice) continue
    yield portion
    portion = []
    units = 0
  }
  if (portion.length > 0) yield portion
}

function shuffled(sections: readonly number[], random: () => number): number[] {
  return sections
    .map((section) => ({ section, draw: random() }))
    .sort((a, b) => a.draw - b.draw)
    .map(({ section }) => section)
}

/** In one area if any has room for all; else over several, in their order. */
function chooseStanding(wish: UnitsWish, areas: readonly Area[]): readonly Candidate[] {
  const { bitmap, random } = wish
  const { count } = wish.request
  const stateOf = (unit: number) => stateAt(bitmap, unit)
  for (const area of areas) {
    const candidates = holdBookLimits.candidatesPerChoice
    const found = chooseAnywhere({ ...area, stateOf, count, random, candidates })
    if (found.length > 0) return found
  }
  const free = areas.flatMap(({ firstUnit, units }) =>
    Array.from({ length: units }, (_, place) => firstUnit + place).filter(
      (unit) => stateOf(unit) === 'free',
    ),
  )
  return [{ units: free.slice(0, count), edges: [] }]
}
