/**
 * Best available: seats side by side in one row, near the middle of their section's front row, and
 * not the same ones for a thousand fans who ask in the same second. It reads a snapshot and only
 * proposes; the hold book takes.
 *
 * The orphan rule: a choice must leave no single free seat between itself and a taken seat, a wall
 * or an aisle, unless every choice in the searched sections does.
 *
 * A stretch of free seats is cut into tiles of `count` from its start, and only tiles are offered:
 * fans who want as many either want the same tile or do not touch, and what stays free stays in
 * long stretches. Nothing is lost by it: if any place in a stretch obeys the orphan rule, its first
 * tile does, as the stretch is then `count` or at least `count` + 2 long.
 */
import { chooseSplit } from './choose-split.ts'
import { type AdjacentWish, assertWish, type Candidate, drawChoices } from './seat-choice.ts'
import { type Block, edgesOf, findFreeRuns, layoutOf, meanDistance } from './section-layout.ts'

export { type AnywhereWish, chooseAnywhere } from './choose-anywhere.ts'
export type { AdjacentWish, Candidate } from './seat-choice.ts'

/**
 * Up to `candidates` groups of `count` free neighbours, in the order in which to try them. When
 * there is none: the best seats apart if `allowSplit`, else nothing.
 */
export function chooseAdjacent(wish: AdjacentWish): Candidate[] {
  assertWish(wish)
  const groups = findGroups(wish)
  if (groups.tidy.firsts.length > 0) return draw(wish, groups.tidy, true)
  if (groups.untidy.firsts.length > 0) return draw(wish, groups.untidy, false)
  return wish.allowSplit ? chooseSplit(wish) : []
}

/** Parallel lists: first unit, block and mean distance of each group. */
type Groups = { readonly firsts: number[]; readonly blocks: Block[]; readonly scores: number[] }

function newGroups(): Groups {
  return { firsts: [], blocks: [], scores: [] }
}

/** The groups that obey the orphan rule, and, where a stretch has none such, those that do not. */
function findGroups(wish: AdjacentWish): { tidy: Groups; untidy: Groups } {
  const { count } = wish
  const found = { tidy: newGroups(), untidy: newGroups() }
  for (const index of new Set(wish.sections)) {
    const section = wish.seatMap.sections[index]
    if (section?.kind !== 'seated') continue
    const layout = layoutOf(section)
    for (const run of findFreeRuns(layout, wish.stateOf, count)) {
      const isUntidy = run.length === count + 1
      const groups = isUntidy ? found.untidy : found.tidy
      for (const left of isUntidy ? [0, 1] : tidyOffsets(run.length, count)) {
        const first = run.first + left
        groups.firsts.push(first)
        groups.blocks.push(run.block)
        groups.scores.push(meanDistance(layout, first, count))
      }
    }
  }
  return found
}

/** Where in a stretch of free seats a tile begins that leaves no single seat on either side. */
function tidyOffsets(length: number, count: number): number[] {
  const offsets: number[] = []
  for (let left = 0; left + count <= length; left += count) {
    if (left !== 1 && length - left - count !== 1) offsets.push(left)
  }
  return offsets
}

function draw(wish: AdjacentWish, groups: Groups, isTidy: boolean): Candidate[] {
  const { count } = wish
  const unitsOf = (index: number) => {
    return Array.from({ length: count }, (_, seat) => (groups.firsts[index] ?? 0) + seat)
  }
  return drawChoices({ scores: groups.scores, unitsOf }, wish).map((index) => {
    const block = groups.blocks[index]
    const units = unitsOf(index)
    const edges = isTidy && block ? edgesOf(block, groups.firsts[index] ?? 0, count) : []
    return { units, edges }
  })
}
