/**
 * The content address of a seat map: SHA-256 over a canonical text, so that a map is the same map
 * whatever file it came from. The text is one JSON array a line, in UTF-8, each line ended by "\n":
 * `["frontrow seat map",1,name]`, then for each section `["standing",name,units]` or
 * `["seated",name]` followed by its rows as `["row",name,[seat,x,y,gap],…]` with x and y in whole
 * millimetres and gap 1 or 0. Unit numbers follow from the order and are not part of it. A change
 * of this form changes all addresses: raise the number in the first line.
 */
import { createHash } from 'node:crypto'
import type { Row, SeatMap } from './seat-map.ts'

/** 64 lower-case hexadecimal digits. */
export function seatMapHash(seatMap: SeatMap): string {
  const hash = createHash('sha256')
  const line = (value: readonly unknown[]) => hash.update(`${JSON.stringify(value)}\n`, 'utf8')
  line(['frontrow seat map', 1, seatMap.name])
  for (const section of seatMap.sections) {
    if (section.kind === 'standing') {
      line(['standing', section.name, section.units])
      continue
    }
    line(['seated', section.name])
    for (const row of section.rows) line(rowValue(row))
  }
  return hash.digest('hex')
}

function rowValue(row: Row): readonly unknown[] {
  const seats = row.seats.map(({ name, x, y, gapAfter }) => {
    return [name, Math.round(x * 1_000), Math.round(y * 1_000), gapAfter ? 1 : 0]
  })
  return ['row', row.name, ...seats]
}
