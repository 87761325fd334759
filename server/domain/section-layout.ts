/**
 * What the choice of seats needs to know of a section again and again: its blocks (seats of one row
 * between walls and aisles) and how far each seat is from the focal point, which is the middle of
 * the front row. Reckoned once for each section and forgotten with it.
 */
import { present } from '../platform/assert.ts'
import type { Row, SeatedSection } from './seat-map.ts'
import type { UnitState } from './units.ts'

/** Units from `first` to before `end` are neighbours of one another and of no other seat. */
export type Block = { readonly first: number; readonly end: number; readonly row: number }

/** Free neighbours, as many as there are: on both sides is a taken seat or the block's end. */
export type FreeRun = { readonly first: number; readonly length: number; readonly block: Block }

export type SectionLayout = {
  readonly firstUnit: number
  readonly blocks: readonly Block[]
  /** Entry i: metres to the focal point, summed over the section's first i seats. */
  readonly distanceSums: Float64Array
}

const layouts = new WeakMap<SeatedSection, SectionLayout>()

export function layoutOf(section: SeatedSection): SectionLayout {
  const known = layouts.get(section)
  if (known !== undefined) return known
  const blocks = section.rows.flatMap(blocksOfRow)
  const layout = { firstUnit: section.firstUnit, blocks, distanceSums: sumDistances(section) }
  layouts.set(section, layout)
  return layout
}

/** Mean distance in metres of `count` seats from the focal point: the lower the better. */
export function meanDistance(layout: SectionLayout, first: number, count: number): number {
  const from = first - layout.firstUnit
  const sums = layout.distanceSums
  return ((sums[from + count] ?? 0) - (sums[from] ?? 0)) / count
}

/** All stretches of at least `lengthMin` free neighbours, in the order of units. */
export function findFreeRuns(
  layout: SectionLayout,
  stateOf: (unit: number) => UnitState,
  lengthMin: number,
): FreeRun[] {
  const runs: FreeRun[] = []
  for (const block of layout.blocks) {
    let first = block.first
    for (let unit = block.first; unit <= block.end; unit += 1) {
      if (unit < block.end && stateOf(unit) === 'free') continue
      if (unit - first >= lengthMin) runs.push({ first, length: unit - first, block })
      first = unit + 1
    }
  }
  return runs
}

/** The two units beyond each end of a group, -1 from the block's end on. See `Candidate.edges`. */
export function edgesOf(block: Block, first: number, count: number): [number, number][] {
  const inBlock = (unit: number) => (unit >= block.first && unit < block.end ? unit : -1)
  const after = first + count
  return [
    [inBlock(first - 1), inBlock(first - 2)],
    [inBlock(after), inBlock(after + 1)],
  ]
}

function blocksOfRow(row: Row, index: number): Block[] {
  const blocks: Block[] = []
  let first = row.firstUnit
  row.seats.forEach((seat, position) => {
    const next = row.firstUnit + position + 1
    if (!seat.gapAfter && position < row.seats.length - 1) return
    blocks.push({ first, end: next, row: index })
    first = next
  })
  return blocks
}

function sumDistances(section: SeatedSection): Float64Array {
  const front = present(section.rows[0], 'the front row').seats
  const focalX = front.reduce((sum, seat) => sum + seat.x, 0) / front.length
  const focalY = front.reduce((sum, seat) => sum + seat.y, 0) / front.length
  const sums = new Float64Array(section.units + 1)
  let index = 0
  for (const row of section.rows) {
    for (const seat of row.seats) {
      const distance = Math.hypot(seat.x - focalX, seat.y - focalY)
      sums[index + 1] = (sums[index] ?? 0) + distance
      index += 1
    }
  }
  return sums
}
