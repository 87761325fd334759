/**
 * What can be wrong with a seat-map file, and the list in which an import gathers it. The list is
 * bounded: what does not fit is counted. Texts out of the file are cut and escaped before they
 * enter a message, as they may hold anything.
 */
import { seatMapCountedFaultsMax, seatMapListedFaultsMax } from './seat-map-limits.ts'

export type SeatMapFaultCode =
  | 'empty-file'
  | 'file-too-large'
  | 'not-utf8'
  | 'not-json'
  | 'not-csv'
  | 'wrong-field-count'
  | 'unknown-field'
  | 'duplicate-field'
  | 'missing-field'
  | 'wrong-type'
  | 'bad-value'
  | 'empty-name'
  | 'name-too-long'
  | 'name-bad-character'
  | 'duplicate-name'
  | 'coordinate-out-of-range'
  | 'capacity-out-of-range'
  | 'seats-overlap'
  | 'empty-map'
  | 'empty-section'
  | 'empty-row'
  | 'too-many-units'
  | 'too-many-sections'
  | 'section-too-large'
  | 'more-faults'

/** Where something stands in the file, from 1. Columns count UTF-16 code units, as editors do. */
export type Position = { readonly line: number; readonly column: number }

export type SeatMapFault = Position & {
  /** The place inside a JSON file, such as `sections[2].rows[0].seats[4].x`. */
  readonly path?: string
  readonly code: SeatMapFaultCode
  /** What is wrong and what to do about it. */
  readonly message: string
}

/** Grows while a file is read and checked. */
export type FaultList = {
  readonly faults: SeatMapFault[]
  /** What ended the reading before the end of the file. */
  final: SeatMapFault | undefined
  unlisted: SeatMapFault | undefined
  unlistedCount: number
}

export function newFaultList(): FaultList {
  return { faults: [], final: undefined, unlisted: undefined, unlistedCount: 0 }
}

export function addFault(list: FaultList, fault: SeatMapFault): void {
  if (list.faults.length < seatMapListedFaultsMax) {
    list.faults.push(fault)
    return
  }
  list.unlisted ??= fault
  list.unlistedCount += 1
}

/** Adds the fault after which nothing more is read. It is listed whatever the number of others. */
export function addFinalFault(list: FaultList, fault: SeatMapFault): void {
  list.final ??= fault
}

export function hasFaults(list: FaultList): boolean {
  return list.faults.length > 0 || list.final !== undefined
}

/** There are so many faults that reading on is a waste. */
export function isOverfull(list: FaultList): boolean {
  return list.unlistedCount >= seatMapCountedFaultsMax
}

/** The faults in the order of the file; when some were only counted, a last one says how many. */
export function listedFaults(list: FaultList): SeatMapFault[] {
  const listed = list.final === undefined ? list.faults : [...list.faults, list.final]
  const sorted = listed.toSorted((a, b) => a.line - b.line || a.column - b.column)
  if (list.unlisted === undefined) return sorted
  const { line, column } = list.unlisted
  const count = list.unlistedCount
  const howMany = count < seatMapCountedFaultsMax ? `${count}` : `${count} or more`
  const message = `${howMany} further faults are not listed. Put the listed ones right and import the file again.`
  return [...sorted, { line, column, code: 'more-faults', message }]
}

const quotedMaxCharacters = 60

/** A text of the file, fit for a message: in quotes, cut, and without anything invisible. */
export function quoted(text: string): string {
  const characters = Array.from(text.slice(0, 2 * quotedMaxCharacters + 1))
  const shown = characters.slice(0, quotedMaxCharacters).map(visible).join('')
  return characters.length > quotedMaxCharacters ? `"${shown}…"` : `"${shown}"`
}

function visible(character: string): string {
  if (!/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  return `\\u{${code.toString(16).padStart(4, '0')}}`
}
