/**
 * What both readers of seat-map files make: the parts of a map with the positions of their names,
 * each value checked by itself. What concerns several parts (double names, seats in one place) is
 * checked afterwards, once for both formats, by seat-map-validate.
 */

import { readPlaceName } from './place-name.ts'
import type { Seat } from './seat-map.ts'
import { addFault, addFinalFault, type FaultList, type Position } from './seat-map-fault.ts'
import {
  coordinateMaxMetres,
  seatedSectionMaxUnits,
  seatMapMaxSections,
  seatMapMaxUnits,
} from './seat-map-limits.ts'

export type SeatMapDraft = { readonly name: string; readonly sections: readonly SectionDraft[] }

export type SectionDraft = SeatedSectionDraft | StandingSectionDraft

export type SeatedSectionDraft = Position & {
  readonly kind: 'seated'
  readonly name: string
  readonly rows: RowDraft[]
}

export type StandingSectionDraft = Position & {
  readonly kind: 'standing'
  readonly name: string
  readonly units: number
}

export type RowDraft = Position & { readonly name: string; readonly seats: SeatDraft[] }

export type SeatDraft = Position & Seat

/** Where a value stands, and under which path when the file is JSON. */
export type FilePlace = Position & { readonly path?: string }

/** The name at `place`, or undefined with its fault added. */
export function draftName(faults: FaultList, raw: string, place: FilePlace): string | undefined {
  const result = readPlaceName(raw)
  if (result.ok) return result.name
  addFault(faults, { ...place, code: result.code, message: result.message })
  return undefined
}

/** The coordinate in metres, to the millimetre, or undefined with its fault added. */
export function draftCoordinate(
  faults: FaultList,
  metres: number,
  place: FilePlace,
): number | undefined {
  if (Math.abs(metres) <= coordinateMaxMetres) return Math.round(metres * 1_000) / 1_000 + 0
  const message = `A coordinate is a number of metres between -${coordinateMaxMetres} and ${coordinateMaxMetres}. Check its unit and its decimal point.`
  addFault(faults, { ...place, code: 'coordinate-out-of-range', message })
  return undefined
}

/** The capacity of a standing area, or undefined with its fault added. */
export function draftCapacity(
  faults: FaultList,
  capacity: number,
  place: FilePlace,
): number | undefined {
  if (Number.isSafeInteger(capacity) && capacity >= 1) return capacity
  const message =
    'The capacity of a standing area is a whole number from 1 on. Leave the area out if nobody may stand there.'
  addFault(faults, { ...place, code: 'capacity-out-of-range', message })
  return undefined
}

/** Counts what has been read, so that a file that is far too large ends the reading early. */
export type Tally = { units: number; sections: number }

type Counting = { readonly faults: FaultList; readonly tally: Tally }

/** Counts units. @returns false, with a fault, when the map has too many: the reader stops. */
export function tallyUnits(counting: Counting, units: number, place: FilePlace): boolean {
  const { faults, tally } = counting
  tally.units += units
  if (tally.units <= seatMapMaxUnits) return true
  const message = `The map has more than ${seatMapMaxUnits} units from here on; the rest was not read. Split the venue into several maps.`
  addFinalFault(faults, { ...place, code: 'too-many-units', message })
  return false
}

/** Counts a section. @returns false, with a fault, when there are too many: the reader stops. */
export function tallySection(counting: Counting, place: FilePlace): boolean {
  const { faults, tally } = counting
  tally.sections += 1
  if (tally.sections <= seatMapMaxSections) return true
  const message = `The map has more than ${seatMapMaxSections} sections; the rest was not read. Join some of them.`
  addFinalFault(faults, { ...place, code: 'too-many-sections', message })
  return false
}

/** Called with each seat's ordinal in its section: adds one fault when the limit is passed. */
export function checkSectionSize(faults: FaultList, seats: number, place: FilePlace): void {
  if (seats !== seatedSectionMaxUnits + 1) return
  const message = `A seated section has at most ${seatedSectionMaxUnits} seats; this is one more. Split the section.`
  addFault(faults, { ...place, code: 'section-too-large', message })
}
