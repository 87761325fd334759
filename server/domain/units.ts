/**
 * The inventory bitmap: two bits a unit, four units a byte. Unit u lives in byte u >> 2, and the
 * first unit of a byte has its two highest bits. Redis numbers bits the same way (bit 0 is the
 * highest bit of byte 0), so that `BITFIELD key GET u2 #u` reads the unit that `stateAt` reads.
 */
import { assert } from '../platform/assert.ts'

/** In the order of their codes: free is 0, so that a new or shorter bitmap is all free. */
export const unitStates = ['free', 'held', 'sold', 'blocked'] as const

export type UnitState = (typeof unitStates)[number]

export type UnitCounts = Readonly<Record<UnitState, number>>

/** The two bits that stand for a state. */
export const unitStateCodes = { free: 0, held: 1, sold: 2, blocked: 3 } as const satisfies Record<
  UnitState,
  number
>

/** Bytes that hold the bitmap of `units` units. */
export function bitmapBytes(units: number): number {
  assert(Number.isSafeInteger(units) && units >= 0, 'a number of units is a whole number')
  return Math.ceil(units / 4)
}

/** A bitmap of `units` free units. The spare units of the last byte stay free for ever. */
export function emptyBitmap(units: number): Uint8Array {
  return new Uint8Array(bitmapBytes(units))
}

/** The state of a unit. What lies behind the end is free, as Redis sees a string that is too short. */
export function stateAt(bitmap: Uint8Array, unit: number): UnitState {
  const code = ((bitmap[unit >> 2] ?? 0) >> shiftOf(unit)) & 3
  return unitStates[code] ?? 'free'
}

/** Writes the state of one unit in place. */
export function setState(bitmap: Uint8Array, unit: number, state: UnitState): void {
  const index = unit >> 2
  assert(Number.isSafeInteger(unit) && unit >= 0 && index < bitmap.length, 'a unit of the bitmap')
  const shift = shiftOf(unit)
  const others = (bitmap[index] ?? 0) & ~(3 << shift)
  bitmap[index] = others | (unitStateCodes[state] << shift)
}

/** How many of the `count` units from `first` on are in each state. Whole bytes go by a table. */
export function countStates(bitmap: Uint8Array, first: number, count: number): UnitCounts {
  assert(Number.isSafeInteger(first) && first >= 0, 'the first unit is a unit')
  assert(Number.isSafeInteger(count) && count >= 0, 'a count is not negative')
  const end = first + count
  const wholeFrom = Math.min(end, Math.ceil(first / 4) * 4)
  const wholeTo = Math.max(wholeFrom, Math.floor(end / 4) * 4)
  const counts = countBytes(bitmap, wholeFrom >> 2, wholeTo >> 2)
  for (let unit = first; unit < wholeFrom; unit += 1) counts[stateAt(bitmap, unit)] += 1
  for (let unit = wholeTo; unit < end; unit += 1) counts[stateAt(bitmap, unit)] += 1
  counts.free = count - counts.held - counts.sold - counts.blocked
  return counts
}

function shiftOf(unit: number): number {
  return 6 - (unit & 3) * 2
}

const heldInByte = countsByByte(unitStateCodes.held)
const soldInByte = countsByByte(unitStateCodes.sold)
const blockedInByte = countsByByte(unitStateCodes.blocked)

function countsByByte(code: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    return [0, 2, 4, 6].filter((shift) => ((byte >> shift) & 3) === code).length
  })
}

function countBytes(bitmap: Uint8Array, from: number, to: number): Record<UnitState, number> {
  const counts = { free: 0, held: 0, sold: 0, blocked: 0 }
  for (let index = from; index < to; index += 1) {
    const byte = bitmap[index] ?? 0
    counts.held += heldInByte[byte] ?? 0
    counts.sold += soldInByte[byte] ?? 0
    counts.blocked += blockedInByte[byte] ?? 0
  }
  return counts
}
