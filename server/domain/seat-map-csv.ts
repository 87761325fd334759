/**
 * Reads the CSV form of a seat map into a draft. The header names the columns section, row, seat,
 * x, y, gap_after and capacity, in any order. A line is one seat, or one standing area: section and
 * capacity and nothing else. Seats stand along their row in the order of the file.
 */
import { type CsvField, type CsvRecord, readCsvRecords } from './csv-records.ts'
import {
  checkSectionSize,
  draftCapacity,
  draftCoordinate,
  draftName,
  type RowDraft,
  type SeatMapDraft,
  type SectionDraft,
  type StandingSectionDraft,
  type Tally,
  tallySection,
  tallyUnits,
} from './seat-map-draft.ts'
import {
  addFault,
  addFinalFault,
  type FaultList,
  hasFaults,
  isOverfull,
  type Position,
  quoted,
  type SeatMapFaultCode,
} from './seat-map-fault.ts'

const columns = ['section', 'row', 'seat', 'x', 'y', 'gap_after', 'capacity'] as const

type Column = (typeof columns)[number]

const optionalColumns: readonly Column[] = ['gap_after', 'capacity']

/** Rows by their text in the file; undefined when the name is bad, so that it is blamed once. */
type SeatedDraft = Position & {
  readonly kind: 'seated'
  readonly name: string
  readonly rows: RowDraft[]
  readonly rowsByText: Map<string, RowDraft | undefined>
  seats: number
}

type Reading = {
  readonly faults: FaultList
  readonly tally: Tally
  readonly header: readonly (Column | undefined)[]
  readonly sections: (SeatedDraft | StandingSectionDraft)[]
  readonly seatedByText: Map<string, SeatedDraft | undefined>
}

type Line = Readonly<Record<Column, CsvField>>

/** The draft, or undefined when there is no usable header; its faults are in `faults`. */
export function readCsvSeatMap(
  text: string,
  name: string,
  faults: FaultList,
): SeatMapDraft | undefined {
  const records = readCsvRecords(text)
  const first = records.next()
  const header = first.done ? undefined : readHeader(first.value, faults)
  if (first.done && first.value) addBreak(faults, first.value)
  if (header === undefined) return undefined
  const tally = { units: 0, sections: 0 }
  const reading: Reading = { faults, tally, header, sections: [], seatedByText: new Map() }
  let step = records.next()
  while (!step.done && readRecord(reading, step.value)) step = records.next()
  if (step.done && step.value) addBreak(faults, step.value)
  if (reading.sections.length === 0 && !hasFaults(faults)) addEmpty(faults)
  const sections: SectionDraft[] = reading.sections
  return { name, sections }
}

function addBreak(faults: FaultList, at: Position & { message: string }): void {
  addFinalFault(faults, { ...at, code: 'not-csv', message: `This is not CSV: ${at.message}` })
}

function addEmpty(faults: FaultList): void {
  const message =
    'The file has a header and nothing else. Add a line for each seat and standing area.'
  addFault(faults, { line: 1, column: 1, code: 'empty-map', message })
}

function readHeader(
  record: CsvRecord,
  faults: FaultList,
): readonly (Column | undefined)[] | undefined {
  const names = record.fields.map((field) => field.text.trim().toLowerCase())
  const header = names.map((name) => columns.find((column) => column === name))
  if (header.every((column) => column === undefined)) {
    const message = `The first line must be the header ${columns.join(',')}, with commas between.`
    addFault(faults, { line: record.line, column: 1, code: 'not-csv', message })
    return undefined
  }
  record.fields.forEach((field, index) => {
    const column = header[index]
    if (column === undefined) {
      const message = `There is no column ${quoted(field.text)}, only ${columns.join(', ')}.`
      addFieldFault(faults, field, { code: 'unknown-field', message })
    } else if (header.indexOf(column) !== index) {
      const message = `The column ${column} is there twice. Leave one.`
      addFieldFault(faults, field, { code: 'duplicate-field', message })
    }
  })
  for (const column of columns) {
    if (header.includes(column) || optionalColumns.includes(column)) continue
    const message = `The header lacks the column ${column}. Add it.`
    addFieldFault(faults, record, { code: 'missing-field', message })
  }
  return hasFaults(faults) ? undefined : header
}

/** @returns false to end the reading. */
function readRecord(reading: Reading, record: CsvRecord): boolean {
  if (isOverfull(reading.faults)) return false
  if (record.fields.length !== reading.header.length) {
    const message = `This line has ${record.fields.length} fields, the header ${reading.header.length}. Check the commas and quotes.`
    addFieldFault(reading.faults, record, { code: 'wrong-field-count', message })
    return true
  }
  const line = readLine(reading.header, record)
  const isSeat = line.row.text !== '' || line.seat.text !== '' || line.capacity.text === ''
  return isSeat ? readSeat(reading, line) : readStanding(reading, line)
}

/** The fields by column, outer spaces taken off; a column that the file lacks is empty. */
function readLine(header: Reading['header'], record: CsvRecord): Line {
  const { line, column } = record
  const missing = { line, column, text: '' }
  const fields: Record<Column, CsvField> = {
    section: missing,
    row: missing,
    seat: missing,
    x: missing,
    y: missing,
    gap_after: missing,
    capacity: missing,
  }
  record.fields.forEach((field, index) => {
    const name = header[index]
    if (name === undefined) return
    fields[name] = { line: field.line, column: field.column, text: field.text.trim() }
  })
  return fields
}

function readStanding(reading: Reading, line: Line): boolean {
  const { faults } = reading
  for (const column of ['x', 'y', 'gap_after'] as const) {
    if (line[column].text === '') continue
    const message = `A standing area has no ${column}. Empty the field, or give row and seat and no capacity.`
    addFieldFault(faults, line[column], { code: 'bad-value', message })
  }
  const place = { line: line.section.line, column: line.section.column }
  const name = draftName(faults, line.section.text, place)
  const capacity = readNumber(faults, line.capacity, 'capacity')
  const units =
    capacity === undefined ? undefined : draftCapacity(faults, capacity, at(line.capacity))
  if (!tallySection(reading, place)) return false
  if (units === undefined) return true
  if (name !== undefined) reading.sections.push({ kind: 'standing', name, units, ...place })
  return tallyUnits(reading, units, at(line.capacity))
}

function readSeat(reading: Reading, line: Line): boolean {
  const { faults } = reading
  if (!tallyUnits(reading, 1, at(line.section))) return false
  if (line.capacity.text !== '') {
    const message =
      'A seat has no capacity. Empty the field; a standing area has neither row nor seat.'
    addFieldFault(faults, line.capacity, { code: 'bad-value', message })
  }
  const section = findOrAddSection(reading, line.section)
  if (section === 'too many') return false
  const row = section === undefined ? undefined : findOrAddRow(reading, section, line.row)
  const name = draftName(faults, line.seat.text, at(line.seat))
  const x = readCoordinate(faults, line.x, 'x')
  const y = readCoordinate(faults, line.y, 'y')
  const gap = readGap(faults, line.gap_after)
  if (row === undefined || name === undefined || x === undefined || y === undefined) return true
  const seat = { name, x, y, line: line.seat.line, column: line.seat.column }
  row.seats.push(gap ? { ...seat, gapAfter: true } : seat)
  return true
}

function findOrAddSection(reading: Reading, field: CsvField): SeatedDraft | undefined | 'too many' {
  const { faults, seatedByText } = reading
  if (!seatedByText.has(field.text)) {
    if (!tallySection(reading, at(field))) return 'too many'
    seatedByText.set(field.text, addSection(reading, field))
  }
  const section = seatedByText.get(field.text)
  if (section === undefined) return undefined
  section.seats += 1
  checkSectionSize(faults, section.seats, at(field))
  return section
}

function addSection(reading: Reading, field: CsvField): SeatedDraft | undefined {
  const name = draftName(reading.faults, field.text, at(field))
  if (name === undefined) return undefined
  // Two spellings that mean the same name, such as composed and decomposed letters, are one section.
  const known = reading.seatedByText.get(name)
  if (known !== undefined) return known
  const added: SeatedDraft = {
    kind: 'seated',
    name,
    rows: [],
    rowsByText: new Map(),
    seats: 0,
    ...at(field),
  }
  reading.sections.push(added)
  reading.seatedByText.set(name, added)
  return added
}

function findOrAddRow(
  reading: Reading,
  section: SeatedDraft,
  field: CsvField,
): RowDraft | undefined {
  const { rows, rowsByText } = section
  if (rowsByText.has(field.text)) return rowsByText.get(field.text)
  const name = draftName(reading.faults, field.text, at(field))
  const row = name === undefined ? undefined : (rowsByText.get(name) ?? newRow(name, field))
  if (row !== undefined && !rowsByText.has(row.name)) rows.push(row)
  if (row !== undefined) rowsByText.set(row.name, row)
  rowsByText.set(field.text, row)
  return row
}

function newRow(name: string, field: CsvField): RowDraft {
  return { name, seats: [], ...at(field) }
}

function readCoordinate(faults: FaultList, field: CsvField, axis: 'x' | 'y'): number | undefined {
  const metres = readNumber(faults, field, axis)
  return metres === undefined ? undefined : draftCoordinate(faults, metres, at(field))
}

const decimalNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

function readNumber(faults: FaultList, field: CsvField, column: Column): number | undefined {
  if (decimalNumber.test(field.text)) return Number(field.text)
  if (field.text === '') {
    addFieldFault(faults, field, {
      code: 'missing-field',
      message: `The ${column} is missing. Fill it in.`,
    })
    return undefined
  }
  const message = `The ${column} ${quoted(field.text)} is not a number. Write digits, with a point for decimals.`
  addFieldFault(faults, field, { code: 'wrong-type', message })
  return undefined
}

function readGap(faults: FaultList, field: CsvField): boolean {
  const text = field.text.toLowerCase()
  if (['', '0', 'false', 'no'].includes(text)) return false
  if (['1', 'true', 'yes'].includes(text)) return true
  const message = `gap_after is true or empty, not ${quoted(field.text)}.`
  addFieldFault(faults, field, { code: 'bad-value', message })
  return false
}

function at(field: Position): Position {
  return { line: field.line, column: field.column }
}

function addFieldFault(
  faults: FaultList,
  field: Position,
  fault: { code: SeatMapFaultCode; message: string },
): void {
  addFault(faults, { ...at(field), ...fault })
}
