/**
 * Finds seats that stand in one another's place, over the whole map. Seats are dropped into a grid
 * whose cells are as wide as the least distance, so each seat meets only the nine cells around it.
 * A seat that overlaps is blamed and left out of the grid: so a cell never holds more than a few,
 * and the work stays linear even when all seats of a file are in one point.
 */
import type { RowDraft, SeatDraft, SeatMapDraft } from './seat-map-draft.ts'
import { addFault, type FaultList, quoted } from './seat-map-fault.ts'
import { seatDistanceMinMetres } from './seat-map-limits.ts'

type PlacedSeat = { readonly seat: SeatDraft; readonly row: RowDraft; readonly section: string }

/** By column and then by row: small keys, which a Map finds several times faster than large ones. */
type Grid = Map<number, Map<number, PlacedSeat[]>>

/** All overlaps of one row with one other (or with itself) are one fault. */
type Overlap = { readonly first: PlacedSeat; readonly second: PlacedSeat; seats: number }

/** Adds one fault for each pair of rows that overlap, naming both. */
export function findOverlaps(draft: SeatMapDraft, faults: FaultList): void {
  const grid: Grid = new Map()
  const overlaps = new Map<RowDraft, Map<RowDraft, Overlap>>()
  for (const section of draft.sections) {
    if (section.kind === 'standing') continue
    for (const row of section.rows) {
      for (const seat of row.seats) {
        const placed = { seat, row, section: section.name }
        const other = findTooClose(grid, placed)
        if (other === undefined) putInGrid(grid, placed)
        else noteOverlap(overlaps, other, placed)
      }
    }
  }
  for (const ofRow of overlaps.values()) {
    for (const overlap of ofRow.values()) addOverlapFault(faults, overlap)
  }
}

/** Distances are compared in whole millimetres, free of the rounding of binary fractions. */
const distanceMin = millimetres(seatDistanceMinMetres)

function millimetres(metres: number): number {
  return Math.round(metres * 1_000)
}

function cellOf(metres: number): number {
  return Math.floor(millimetres(metres) / distanceMin)
}

function putInGrid(grid: Grid, placed: PlacedSeat): void {
  const x = cellOf(placed.seat.x)
  const y = cellOf(placed.seat.y)
  const column = grid.get(x) ?? new Map<number, PlacedSeat[]>()
  grid.set(x, column)
  const cell = column.get(y)
  if (cell === undefined) column.set(y, [placed])
  else cell.push(placed)
}

function findTooClose(grid: Grid, placed: PlacedSeat): PlacedSeat | undefined {
  const x = cellOf(placed.seat.x)
  const y = cellOf(placed.seat.y)
  for (const column of [grid.get(x - 1), grid.get(x), grid.get(x + 1)]) {
    if (column === undefined) continue
    for (const cell of [column.get(y - 1), column.get(y), column.get(y + 1)]) {
      const other = cell?.find(({ seat }) => isTooClose(seat, placed.seat))
      if (other !== undefined) return other
    }
  }
  return undefined
}

function isTooClose(a: SeatDraft, b: SeatDraft): boolean {
  const x = millimetres(a.x) - millimetres(b.x)
  const y = millimetres(a.y) - millimetres(b.y)
  return x * x + y * y < distanceMin * distanceMin
}

function noteOverlap(
  overlaps: Map<RowDraft, Map<RowDraft, Overlap>>,
  first: PlacedSeat,
  second: PlacedSeat,
): void {
  const ofRow = overlaps.get(second.row) ?? new Map<RowDraft, Overlap>()
  overlaps.set(second.row, ofRow)
  const known = ofRow.get(first.row)
  if (known === undefined) ofRow.set(first.row, { first, second, seats: 1 })
  else known.seats += 1
}

function addOverlapFault(faults: FaultList, { first, second, seats }: Overlap): void {
  const { line, column } = second.seat
  const isSameRow = first.row === second.row
  const other = isSameRow ? 'itself' : `row ${rowName(first)} (line ${first.seat.line})`
  const more = seats === 1 ? '' : `, and ${seats - 1} more`
  const message = `Row ${rowName(second)} overlaps ${other}: seat ${quoted(second.seat.name)} is less than ${seatDistanceMinMetres} m from seat ${quoted(first.seat.name)}${more}. Correct the coordinates.`
  addFault(faults, { line, column, code: 'seats-overlap', message })
}

function rowName({ section, row }: PlacedSeat): string {
  return `${quoted(row.name)} of section ${quoted(section)}`
}
