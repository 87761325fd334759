/**
 * Makes arena.json, the seat map that the on-sale run sells: a concert arena of about 20,000 places.
 * A standing floor in the middle, around it a lower and an upper bowl of curved rows on ellipses,
 * open towards the stage in the west. Deterministic: the same file every time, and a test says that
 * the committed one is this one. Write it anew with `npx tsx bench/onsale/make-arena.ts`.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

type Seat = { name: string; x: number; y: number; gapAfter?: true }

type Row = { name: string; seats: Seat[] }

type Section = { name: string; rows: Row[] }

type Bowl = {
  /** The number of the first section. */
  readonly firstSection: number
  readonly sections: number
  readonly rows: number
  readonly rowName: (index: number) => string
  /** Half axes in metres of the front row's ellipse. */
  readonly halfLength: number
  readonly halfWidth: number
  /** Whether an aisle leads through the middle of each section. */
  readonly hasMiddleAisle: boolean
}

/** An arc of a row: from one angle of the ellipse to another, in radians. */
type Arc = {
  readonly halfLength: number
  readonly halfWidth: number
  readonly from: number
  readonly to: number
}

const seatPitchMetres = 0.5
const rowPitchMetres = 0.85
const aisleMetres = 1.2

/** The bowls leave this angle to either side of the west free for the stage. */
const stageRadians = Math.PI / 6

const lowerBowl: Bowl = {
  firstSection: 101,
  sections: 20,
  rows: 20,
  rowName: (index) => String.fromCharCode('A'.charCodeAt(0) + index),
  halfLength: 36,
  halfWidth: 22,
  hasMiddleAisle: false,
}

const upperBowl: Bowl = {
  firstSection: 201,
  sections: 24,
  rows: 18,
  rowName: (index) => `${index + 1}`,
  halfLength: 57,
  halfWidth: 43,
  hasMiddleAisle: true,
}

/** The text of arena.json: one row a line, coordinates in metres with two decimals. */
export function makeArena(): string {
  const seated = [lowerBowl, upperBowl].flatMap(makeBowl).map(sectionText)
  const standing = ['Pit', 'Floor'].map((name, index) => {
    return JSON.stringify({ name, kind: 'standing', capacity: index === 0 ? 600 : 3_400 })
  })
  return `{"name":"Harbour Arena","sections":[\n${[...standing, ...seated].join(',\n')}\n]}\n`
}

function sectionText({ name, rows }: Section): string {
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n')
  return `{"name":${JSON.stringify(name)},"kind":"seated","rows":[\n${lines}\n]}`
}

function makeBowl(bowl: Bowl): Section[] {
  const width = (2 * Math.PI - 2 * stageRadians) / bowl.sections
  return Array.from({ length: bowl.sections }, (_, index) => {
    const from = -Math.PI + stageRadians + index * width
    const rows = Array.from({ length: bowl.rows }, (_row, row) => {
      const halfLength = bowl.halfLength + row * rowPitchMetres
      const halfWidth = bowl.halfWidth + row * rowPitchMetres
      const seats = makeRow({ halfLength, halfWidth, from, to: from + width }, bowl.hasMiddleAisle)
      return { name: bowl.rowName(row), seats }
    })
    return { name: `${bowl.firstSection + index}`, rows }
  })
}

/** As many seats as the arc has room for between two half aisles, in its middle. */
function makeRow(arc: Arc, hasMiddleAisle: boolean): Seat[] {
  const lengths = arcLengths(arc)
  const length = lengths.at(-1) ?? 0
  const room = length - aisleMetres - (hasMiddleAisle ? aisleMetres : 0)
  const count = Math.floor(room / seatPitchMetres)
  const middle = hasMiddleAisle ? Math.floor(count / 2) : count
  const used = (count - 1) * seatPitchMetres + (hasMiddleAisle ? aisleMetres : 0)
  const start = (length - used) / 2
  return Array.from({ length: count }, (_, index) => {
    const along = start + index * seatPitchMetres + (index >= middle ? aisleMetres : 0)
    const seat = { name: `${index + 1}`, ...pointAt(arc, lengths, along) }
    return hasMiddleAisle && index === middle - 1 ? { ...seat, gapAfter: true } : seat
  })
}

/** So many straight pieces stand for an arc of some ten metres: the error is below a millimetre. */
const pieces = 200

function pointOf(arc: Arc, piece: number): { x: number; y: number } {
  const angle = arc.from + ((arc.to - arc.from) * piece) / pieces
  return { x: arc.halfLength * Math.cos(angle), y: arc.halfWidth * Math.sin(angle) }
}

/** Metres along the arc to the end of each piece, beginning with 0. */
function arcLengths(arc: Arc): number[] {
  const lengths = [0]
  for (let piece = 1; piece <= pieces; piece += 1) {
    const before = pointOf(arc, piece - 1)
    const after = pointOf(arc, piece)
    lengths.push((lengths.at(-1) ?? 0) + Math.hypot(after.x - before.x, after.y - before.y))
  }
  return lengths
}

function pointAt(arc: Arc, lengths: readonly number[], along: number): { x: number; y: number } {
  const after = lengths.findIndex((length) => length >= along)
  const from = lengths[after - 1] ?? 0
  const share = (along - from) / ((lengths[after] ?? 0) - from)
  const { x, y } = pointOf(arc, after - 1 + share)
  return { x: twoDecimals(x), y: twoDecimals(y) }
}

function twoDecimals(metres: number): number {
  return Math.round(metres * 100) / 100
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('arena.json', import.meta.url), makeArena())
}
