/** What the tests of seat-map files share: texts of small maps, and faults in short form. */
import type { SeatMap } from './seat-map.ts'
import type { SeatMapFault } from './seat-map-fault.ts'
import { importSeatMap, type SeatMapFormat } from './seat-map-import.ts'

export const header = 'section,row,seat,x,y,gap_after,capacity'

export const smallJson = {
  name: 'Hall',
  sections: [
    {
      name: 'A',
      kind: 'seated',
      rows: [
        {
          name: '1',
          seats: [
            { name: '1', x: 0, y: 0, gapAfter: true },
            { name: '2', x: 1.5, y: 0 },
          ],
        },
        { name: '2', seats: [{ name: '1', x: 0, y: -1.25, gapAfter: false }] },
      ],
    },
    { name: 'Floor', kind: 'standing', capacity: 40 },
  ],
}

export const smallCsv = `${header}
A,1,1,0,0,true,
A,1,2,1.50,0,,
A,2,1,-0,-1.25,no,
Floor,,,,,,40
`

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The map that a good file becomes. */
export function imported(text: string, format: SeatMapFormat, name = 'Hall'): SeatMap {
  const result = importSeatMap(bytesOf(text), format, { name })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.seatMap
}

export function faultsOf(
  input: string | Uint8Array,
  format: SeatMapFormat,
): readonly SeatMapFault[] {
  const bytes = typeof input === 'string' ? bytesOf(input) : input
  const result = importSeatMap(bytes, format)
  return result.ok ? [] : result.faults
}

/** Each fault as "line:column code". */
export function faultLines(input: string | Uint8Array, format: SeatMapFormat): string[] {
  return faultsOf(input, format).map(({ line, column, code }) => `${line}:${column} ${code}`)
}

export const seatJson = '{ "name": "1", "x": 0, "y": 0 }'
export const rowJson = `{ "name": "1", "seats": [${seatJson}] }`
/** A map whose sections, rows or seats begin on line 2. */
export const withSections = (json: string) => `{ "name": "Hall", "sections": [\n${json}] }`
export const withRows = (json: string) =>
  `{ "name": "Hall", "sections": [{ "name": "A", "kind": "seated", "rows": [\n${json}] }] }`
export const withSeats = (json: string) =>
  `{ "name": "Hall", "sections": [{ "name": "A", "kind": "seated", "rows": [{ "name": "1", "seats": [\n${json}] }] }] }`
