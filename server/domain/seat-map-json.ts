/**
 * Reads the JSON form of a seat map into a draft:
 * `{ name, sections: [{ name, kind: "seated", rows: [{ name, seats: [{ name, x, y, gapAfter? }] }] },
 * { name, kind: "standing", capacity }] }`. Objects close from the inside out, so seats wait for
 * their row, rows for their section and sections for the map.
 */
import {
  checkSectionSize,
  draftCapacity,
  draftCoordinate,
  draftName,
  type FilePlace,
  type RowDraft,
  type SeatDraft,
  type SeatMapDraft,
  type SectionDraft,
  type Tally,
  tallySection,
  tallyUnits,
} from './seat-map-draft.ts'
import {
  addFault,
  type FaultList,
  isOverfull,
  quoted,
  type SeatMapFaultCode,
} from './seat-map-fault.ts'
import { type ReadField, type ReadObject, readShapedJson, type Shape } from './shaped-json.ts'

const seatShape: Shape = {
  name: 'seat',
  fields: {
    name: { type: 'string' },
    x: { type: 'number' },
    y: { type: 'number' },
    gapAfter: { type: 'boolean', optional: true },
  },
}

const rowShape: Shape = {
  name: 'row',
  fields: { name: { type: 'string' }, seats: { type: 'array', items: seatShape } },
}

const sectionShape: Shape = {
  name: 'section',
  fields: {
    name: { type: 'string' },
    kind: { type: 'string' },
    rows: { type: 'array', items: rowShape, optional: true },
    capacity: { type: 'number', optional: true },
  },
}

const mapShape: Shape = {
  name: 'seat map',
  fields: { name: { type: 'string' }, sections: { type: 'array', items: sectionShape } },
}

type Reading = {
  readonly faults: FaultList
  readonly tally: Tally
  /** Of the section that is being read. */
  sectionSeats: number
  seats: SeatDraft[]
  rows: RowDraft[]
  sections: SectionDraft[]
  map: SeatMapDraft | undefined
}

/** The draft, or undefined when not even the map's outline could be read; its faults are in `faults`. */
export function readJsonSeatMap(text: string, faults: FaultList): SeatMapDraft | undefined {
  const reading: Reading = {
    faults,
    tally: { units: 0, sections: 0 },
    sectionSeats: 0,
    seats: [],
    rows: [],
    sections: [],
    map: undefined,
  }
  const listener = {
    onBegin: (shape: Shape, place: FilePlace) => begin(reading, shape, place),
    onEnd: (object: ReadObject) => end(reading, object),
  }
  readShapedJson(text, mapShape, { faults, listener })
  return reading.map
}

/** Counting at the beginning of each part ends a hopeless file before its parts fill the memory. */
function begin(reading: Reading, shape: Shape, place: FilePlace): boolean {
  if (isOverfull(reading.faults)) return false
  if (shape === sectionShape) {
    reading.sectionSeats = 0
    return tallySection(reading, place)
  }
  if (shape !== seatShape) return true
  reading.sectionSeats += 1
  checkSectionSize(reading.faults, reading.sectionSeats, place)
  return tallyUnits(reading, 1, place)
}

function end(reading: Reading, object: ReadObject): boolean {
  switch (object.shape) {
    case seatShape:
      endSeat(reading, object)
      return true
    case rowShape:
      endRow(reading, object)
      return true
    case sectionShape:
      return endSection(reading, object)
    default:
      endMap(reading, object)
      return true
  }
}

function endSeat(reading: Reading, object: ReadObject): void {
  const named = readName(reading, object)
  const x = readCoordinate(reading, object, 'x')
  const y = readCoordinate(reading, object, 'y')
  if (named === undefined || x === undefined || y === undefined) return
  const gap = object.fields.get('gapAfter')?.value === true
  const { name, line, column } = named
  reading.seats.push(
    gap ? { name, x, y, gapAfter: true, line, column } : { name, x, y, line, column },
  )
}

function endRow(reading: Reading, object: ReadObject): void {
  const seats = reading.seats
  reading.seats = []
  const list = object.fields.get('seats')
  if (list?.items === 0) {
    addObjectFault(reading, object, { field: 'seats', code: 'empty-row', message: emptyRow })
  }
  const named = readName(reading, object)
  if (named !== undefined) reading.rows.push({ ...named, seats })
}

const emptyRow = 'This row has no seats. Give it seats or leave it out.'
const emptySection = 'This section has no rows. Give it rows or leave it out.'

function endSection(reading: Reading, object: ReadObject): boolean {
  const rows = reading.rows
  reading.rows = []
  const named = readName(reading, object)
  const kind = object.fields.get('kind')
  if (kind === undefined) return true
  if (kind.value === 'seated') {
    checkSeated(reading, object)
    if (named !== undefined) reading.sections.push({ kind: 'seated', ...named, rows })
    return true
  }
  if (kind.value === 'standing') return endStanding(reading, object, named)
  const message = `A section's kind is "seated" or "standing", not ${quoted(String(kind.value))}.`
  addObjectFault(reading, object, { field: 'kind', code: 'bad-value', message })
  return true
}

function checkSeated(reading: Reading, object: ReadObject): void {
  refuseField(reading, object, 'capacity')
  const rows = object.fields.get('rows')
  if (rows === undefined) requireField(reading, object, 'rows')
  else if (rows.items === 0) {
    addObjectFault(reading, object, { field: 'rows', code: 'empty-section', message: emptySection })
  }
}

function endStanding(reading: Reading, object: ReadObject, named: Named | undefined): boolean {
  refuseField(reading, object, 'rows')
  const field = object.fields.get('capacity')
  if (typeof field?.value !== 'number') {
    requireField(reading, object, 'capacity')
    return true
  }
  const place = placeOf(object, 'capacity', field)
  const units = draftCapacity(reading.faults, field.value, place)
  if (units === undefined) return true
  if (named !== undefined) reading.sections.push({ kind: 'standing', ...named, units })
  return tallyUnits(reading, units, place)
}

function endMap(reading: Reading, object: ReadObject): void {
  const named = readName(reading, object)
  if (object.fields.get('sections')?.items === 0) {
    const message = 'This map has no sections. Give it at least one.'
    addObjectFault(reading, object, { field: 'sections', code: 'empty-map', message })
  }
  if (named !== undefined) reading.map = { name: named.name, sections: reading.sections }
}

type Named = { readonly name: string; readonly line: number; readonly column: number }

function readName(reading: Reading, object: ReadObject): Named | undefined {
  const field = object.fields.get('name')
  if (typeof field?.value !== 'string') return undefined
  const name = draftName(reading.faults, field.value, placeOf(object, 'name', field))
  return name === undefined ? undefined : { name, line: field.line, column: field.column }
}

function readCoordinate(reading: Reading, object: ReadObject, axis: 'x' | 'y'): number | undefined {
  const field = object.fields.get(axis)
  if (typeof field?.value !== 'number') return undefined
  return draftCoordinate(reading.faults, field.value, placeOf(object, axis, field))
}

function refuseField(reading: Reading, object: ReadObject, field: 'rows' | 'capacity'): void {
  if (!object.fields.has(field)) return
  const kind = field === 'rows' ? 'standing' : 'seated'
  const message = `A ${kind} section has no ${quoted(field)}. Leave the field out or change the kind.`
  addObjectFault(reading, object, { field, code: 'unknown-field', message })
}

/** For what only one kind needs; a field of a wrong type has its fault already. */
function requireField(reading: Reading, object: ReadObject, field: 'rows' | 'capacity'): void {
  if (object.seen.includes(field)) return
  const kind = field === 'rows' ? 'seated' : 'standing'
  const message = `A ${kind} section needs ${quoted(field)}. Add it.`
  addObjectFault(reading, object, { field, code: 'missing-field', message })
}

function addObjectFault(
  reading: Reading,
  object: ReadObject,
  fault: { field: string; code: SeatMapFaultCode; message: string },
): void {
  const { field, code, message } = fault
  addFault(reading.faults, { ...placeOf(object, field, object.fields.get(field)), code, message })
}

/** Where a field's value stands, or where the object begins when the field is not there. */
function placeOf(object: ReadObject, name: string, field: ReadField | undefined): FilePlace {
  const { line, column } = field ?? object
  return { line, column, path: object.path === '' ? name : `${object.path}.${name}` }
}
