/**
 * Seats for a party that no row can hold together: in one section, in as few groups as may be,
 * nobody alone if it can be helped, in rows near one another. A good answer, not the best of all:
 * from each stretch of free seats on, the nearest ones are taken greedily, and the best of these
 * attempts are offered.
 */

import { type AdjacentWish, type Candidate, drawChoices } from './seat-choice.ts'
import type { SeatedSection } from './seat-map.ts'
import {
  edgesOf,
  type FreeRun,
  findFreeRuns,
  layoutOf,
  meanDistance,
  type SectionLayout,
} from './section-layout.ts'

/** The first `take` seats of a stretch. */
type Part = { readonly run: FreeRun; readonly take: number }

type Split = {
  readonly parts: readonly Part[]
  /** People alone, then groups, then single seats left over: fewer is better, in this order. */
  readonly flaws: number
  readonly score: number
}

/** Up to `candidates` ways to seat `count` apart, or none when no section has as many free seats. */
export function chooseSplit(wish: AdjacentWish): Candidate[] {
  const splits = [...new Set(wish.sections)].flatMap((index) => {
    const section = wish.seatMap.sections[index]
    return section?.kind === 'seated' ? splitsOf(section, wish) : []
  })
  const fewest = splits.reduce((least, { flaws }) => Math.min(least, flaws), Number.MAX_VALUE)
  const best = splits.filter(({ flaws }) => flaws === fewest).map(candidateOf)
  const scores = splits.filter(({ flaws }) => flaws === fewest).map(({ score }) => score)
  const unitsOf = (index: number) => best[index]?.units ?? []
  return distinct(drawChoices({ scores, unitsOf }, wish).flatMap((index) => best[index] ?? []))
}

function splitsOf(section: SeatedSection, wish: AdjacentWish): Split[] {
  const layout = layoutOf(section)
  const all = findFreeRuns(layout, wish.stateOf, 1)
  const forTwo = all.filter((run) => run.length >= 2)
  const runs = totalLength(forTwo) >= wish.count ? forTwo : all
  if (totalLength(runs) < wish.count) return []
  return runs.flatMap((_, anchor) => {
    const attempts = [true, false].map((leaveTwo) => {
      return rate(layout, takeAround(runs, anchor, { count: wish.count, leaveTwo }))
    })
    return attempts.filter(({ parts }) => partsLength(parts) === wish.count)
  })
}

function totalLength(runs: readonly FreeRun[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0)
}

function partsLength(parts: readonly Part[]): number {
  return parts.reduce((sum, { take }) => sum + take, 0)
}

/**
 * Takes from the stretch at `anchor`, then from the next ones on either side, nearer rows first. With
 * `leaveTwo` a group gives up a seat rather than leave one person for the next group; that may come
 * out short.
 */
function takeAround(
  runs: readonly FreeRun[],
  anchor: number,
  wanted: { readonly count: number; readonly leaveTwo: boolean },
): Part[] {
  const parts: Part[] = []
  const anchorRow = runs[anchor]?.block.row ?? 0
  let missing = wanted.count
  let before = anchor - 1
  let after = anchor
  while (missing > 0) {
    const earlier = runs[before]
    const later = runs[after]
    const isLater =
      later !== undefined &&
      (earlier === undefined || later.block.row - anchorRow <= anchorRow - earlier.block.row)
    const run = isLater ? later : earlier
    if (run === undefined) break
    if (isLater) after += 1
    else before -= 1
    const most = Math.min(run.length, missing)
    const take = wanted.leaveTwo && missing - most === 1 && most > 2 ? most - 1 : most
    parts.push({ run, take })
    missing -= take
  }
  return parts
}

function rate(layout: SectionLayout, parts: readonly Part[]): Split {
  const alone = parts.filter(({ take }) => take === 1).length
  const orphans = parts.filter(({ run, take }) => run.length - take === 1).length
  const flaws = alone * 1_000_000 + parts.length * 1_000 + orphans
  const rows = parts.map(({ run }) => run.block.row)
  const seats = partsLength(parts)
  const distance = parts.reduce(
    (sum, { run, take }) => sum + meanDistance(layout, run.first, take) * take,
    0,
  )
  // A row further apart weighs as much as ten metres further from the front.
  const score = (Math.max(...rows) - Math.min(...rows)) * 10 + distance / seats
  return { parts, flaws, score }
}

function candidateOf({ parts }: Split): Candidate {
  const sorted = parts.toSorted((a, b) => a.run.first - b.run.first)
  const units = sorted.flatMap(({ run, take }) => {
    return Array.from({ length: take }, (_, seat) => run.first + seat)
  })
  const isTidy = parts.every(({ run, take }) => run.length - take !== 1)
  const edges = sorted.flatMap(({ run, take }) => edgesOf(run.block, run.first, take))
  return { units, edges: isTidy ? edges : [] }
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.units.join(), candidate])).values()]
}
