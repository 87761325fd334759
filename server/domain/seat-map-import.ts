/**
 * From the bytes of a seat-map file to a seat map, or to every fault with its line and column.
 * Nothing of a faulty file is used. The cheap checks come first: size, encoding, counts while
 * reading; only a file of bearable size is looked at as a whole.
 */
import { isUtf8 } from 'node:buffer'
import type { SeatMap } from './seat-map.ts'
import { readCsvSeatMap } from './seat-map-csv.ts'
import { draftName } from './seat-map-draft.ts'
import {
  addFault,
  type FaultList,
  hasFaults,
  isOverfull,
  listedFaults,
  newFaultList,
  type SeatMapFault,
} from './seat-map-fault.ts'
import { readJsonSeatMap } from './seat-map-json.ts'
import { seatMapFileMaxBytes } from './seat-map-limits.ts'
import { numberSeatMap, validateSeatMap } from './seat-map-validate.ts'
import { firstBadUtf8Byte } from './utf8.ts'

export type SeatMapFormat = 'json' | 'csv'

export type SeatMapImport =
  | { readonly ok: true; readonly seatMap: SeatMap }
  | { readonly ok: false; readonly faults: readonly SeatMapFault[] }

export type SeatMapImportOptions = {
  /** Names the map of a CSV file, which has no place for a name. A JSON file names itself. */
  readonly name?: string
}

const unnamedMap = 'Seat map'

/** Reads a file of at most 16 MiB; answers at most 100 faults and one that counts the others. */
export function importSeatMap(
  bytes: Uint8Array,
  format: SeatMapFormat,
  options: SeatMapImportOptions = {},
): SeatMapImport {
  const faults = newFaultList()
  const text = readText(bytes, faults)
  if (text === undefined) return refused(faults)
  const draft =
    format === 'json' ? readJsonSeatMap(text, faults) : readCsv(text, options.name, faults)
  // When the rest is unread, what the parts say of one another would be wrong.
  if (draft !== undefined && faults.final === undefined && !isOverfull(faults)) {
    validateSeatMap(draft, faults)
  }
  if (draft === undefined || hasFaults(faults)) return refused(faults)
  return { ok: true, seatMap: numberSeatMap(draft) }
}

function refused(faults: FaultList): SeatMapImport {
  return { ok: false, faults: listedFaults(faults) }
}

function readCsv(
  text: string,
  name: string | undefined,
  faults: FaultList,
): ReturnType<typeof readCsvSeatMap> {
  const kept = draftName(faults, name ?? unnamedMap, { line: 1, column: 1 })
  return readCsvSeatMap(text, kept ?? unnamedMap, faults)
}

function readText(bytes: Uint8Array, faults: FaultList): string | undefined {
  const fault = findEncodingFault(bytes)
  if (fault !== undefined) {
    addFault(faults, fault)
    return undefined
  }
  const text = new TextDecoder('utf-8').decode(bytes)
  if (text.trim() !== '') return text
  const message = 'The file is empty. Choose the file with the seat map.'
  addFault(faults, { line: 1, column: 1, code: 'empty-file', message })
  return undefined
}

function findEncodingFault(bytes: Uint8Array): SeatMapFault | undefined {
  if (bytes.length > seatMapFileMaxBytes) {
    const message = `The file is larger than ${seatMapFileMaxBytes / 1024 / 1024} MiB. Leave out what is not the seat map, or split it.`
    return { line: 1, column: 1, code: 'file-too-large', message }
  }
  if (isUtf16(bytes)) {
    const message = 'The file is in UTF-16. Save it again as UTF-8 (in Excel: "CSV UTF-8").'
    return { line: 1, column: 1, code: 'not-utf8', message }
  }
  if (isUtf8(bytes)) return undefined
  const bad = firstBadUtf8Byte(bytes) ?? 0
  const byte = (bytes[bad] ?? 0).toString(16).padStart(2, '0')
  const message = `Here stands the byte 0x${byte}, which is not UTF-8. Save the file again as UTF-8 (in Excel: "CSV UTF-8").`
  return { ...positionOfByte(bytes, bad), code: 'not-utf8', message }
}

/** By its byte order mark, or by a zero byte beside the first character, as no UTF-8 text begins. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return false
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return hasMark || (first === 0) !== (second === 0)
}

function positionOfByte(bytes: Uint8Array, index: number): { line: number; column: number } {
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, index))
  const lines = before.match(/\r\n|\r|\n/g)?.length ?? 0
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
  return { line: lines + 1, column: before.length - lineStart + 1 }
}
