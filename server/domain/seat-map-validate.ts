/**
 * The checks that concern several parts of a map, and the step from a draft to a seat map: names
 * are unique among their siblings, and no two seats are in one place. Linear in the seats.
 */
import { placeNameKey } from './place-name.ts'
import type { Row, SeatedSection, SeatMap, Section } from './seat-map.ts'
import type { RowDraft, SeatDraft, SeatedSectionDraft, SeatMapDraft } from './seat-map-draft.ts'
import { addFault, type FaultList, isOverfull, type Position, quoted } from './seat-map-fault.ts'
import { findOverlaps } from './seat-overlap.ts'

/** Adds a fault for each part of the draft that contradicts another. */
export function validateSeatMap(draft: SeatMapDraft, faults: FaultList): void {
  checkNames(draft.sections, 'section', faults)
  for (const section of draft.sections) {
    if (section.kind === 'standing') continue
    checkNames(section.rows, `row of section ${quoted(section.name)}`, faults)
    for (const row of section.rows) {
      if (isOverfull(faults)) return
      const inRow = `seat of row ${quoted(row.name)} of section ${quoted(section.name)}`
      checkNames(row.seats, inRow, faults)
    }
  }
  findOverlaps(draft, faults)
}

type Named = Position & { readonly name: string }

function checkNames(parts: readonly Named[], what: string, faults: FaultList): void {
  const byKey = new Map<string, Named>()
  for (const part of parts) {
    const key = placeNameKey(part.name)
    const earlier = byKey.get(key)
    if (earlier === undefined) {
      byKey.set(key, part)
      continue
    }
    const same = earlier.name === part.name ? '' : `, too like ${quoted(earlier.name)}`
    const message = `The name ${quoted(part.name)} is taken${same} by another ${what} on line ${earlier.line}. Names must differ in more than case and spaces.`
    const { line, column } = part
    addFault(faults, { line, column, code: 'duplicate-name', message })
  }
}

/** Numbers the units of a draft without faults. */
export function numberSeatMap(draft: SeatMapDraft): SeatMap {
  let units = 0
  const sections = draft.sections.map((section): Section => {
    const firstUnit = units
    if (section.kind === 'standing') {
      units += section.units
      return { kind: 'standing', name: section.name, firstUnit, units: section.units }
    }
    const numbered = numberSection(section, firstUnit)
    units += numbered.units
    return numbered
  })
  return { name: draft.name, units, sections }
}

function numberSection(section: SeatedSectionDraft, firstUnit: number): SeatedSection {
  let next = firstUnit
  const rows = section.rows.map((row) => {
    const numbered = numberRow(row, next)
    next += row.seats.length
    return numbered
  })
  return { kind: 'seated', name: section.name, firstUnit, units: next - firstUnit, rows }
}

function numberRow(row: RowDraft, firstUnit: number): Row {
  return { name: row.name, firstUnit, seats: row.seats.map(withoutPosition) }
}

function withoutPosition({ name, x, y, gapAfter }: SeatDraft): Row['seats'][number] {
  return gapAfter ? { name, x, y, gapAfter } : { name, x, y }
}
