/**
 * A seat map: the immutable layout of a venue. Every place on it is a unit, numbered from 0 without
 * a gap in the order of sections, rows and seats, so that the inventory of an event is one bitmap.
 * Coordinates are metres, kept to the millimetre; their origin is the venue's own affair.
 * Made by `importSeatMap` only, which proves what the types cannot say.
 */
import { assert, present } from '../platform/assert.ts'

export type SeatMap = {
  readonly name: string
  readonly units: number
  readonly sections: readonly Section[]
}

export type Section = SeatedSection | StandingSection

export type SeatedSection = {
  readonly kind: 'seated'
  readonly name: string
  readonly firstUnit: number
  readonly units: number
  /** From the front to the back. */
  readonly rows: readonly Row[]
}

/** An area without numbered places; its capacity is its number of units. */
export type StandingSection = {
  readonly kind: 'standing'
  readonly name: string
  readonly firstUnit: number
  readonly units: number
}

export type Row = {
  readonly name: string
  readonly firstUnit: number
  /** In order along the row: the next seat is a neighbour, unless there is a gap. */
  readonly seats: readonly Seat[]
}

export type Seat = {
  readonly name: string
  readonly x: number
  readonly y: number
  /** An aisle follows: the next seat of the row is not a neighbour. */
  readonly gapAfter?: true
}

/** The names of a unit's place. A standing place has neither row nor seat. */
export type Place = {
  readonly section: string
  readonly row: string | null
  readonly seat: string | null
}

/** The index in `sections` of the section that holds `unit`. @throws AssertionError for no unit. */
export function sectionIndexOfUnit(seatMap: SeatMap, unit: number): number {
  assert(Number.isSafeInteger(unit) && unit >= 0 && unit < seatMap.units, 'a unit of the seat map')
  return lastStartingAtOrBefore(seatMap.sections, unit)
}

/** The section that holds `unit`. @throws AssertionError when the map has no such unit. */
export function sectionOfUnit(seatMap: SeatMap, unit: number): Section {
  return present(seatMap.sections[sectionIndexOfUnit(seatMap, unit)], 'the section of a unit')
}

/** Section, row and seat of a unit, in O(log n). @throws AssertionError for no unit. */
export function placeOfUnit(seatMap: SeatMap, unit: number): Place {
  const section = sectionOfUnit(seatMap, unit)
  if (section.kind === 'standing') return { section: section.name, row: null, seat: null }
  const row = present(section.rows[lastStartingAtOrBefore(section.rows, unit)], 'the row of a unit')
  const seat = present(row.seats[unit - row.firstUnit], 'the seat of a unit')
  return { section: section.name, row: row.name, seat: seat.name }
}

/** The section with exactly this name. */
export function findSection(seatMap: SeatMap, name: string): Section | undefined {
  return seatMap.sections.find((section) => section.name === name)
}

/** A place in words for people: "Section A, row 3, seat 12" or "Floor (standing)". */
export function placeLabel(place: Place): string {
  if (place.row === null || place.seat === null) return `${place.section} (standing)`
  return `Section ${place.section}, row ${place.row}, seat ${place.seat}`
}

/** The index of the last part that starts at or before `unit`, by halving. */
function lastStartingAtOrBefore(
  parts: readonly { readonly firstUnit: number }[],
  unit: number,
): number {
  let low = 0
  let high = parts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (present(parts[middle], 'a part of the seat map').firstUnit <= unit) low = middle
    else high = middle - 1
  }
  return low
}
