import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bitmapBytes,
  countStates,
  emptyBitmap,
  setState,
  stateAt,
  type UnitState,
  unitStateCodes,
  unitStates,
} from './units.ts'

const states = fc.array(fc.constantFrom(...unitStates), { minLength: 1, maxLength: 70 })

function bitmapOf(list: readonly UnitState[]): Uint8Array {
  const bitmap = emptyBitmap(list.length)
  list.forEach((state, unit) => {
    setState(bitmap, unit, state)
  })
  return bitmap
}

describe('the bitmap of units', () => {
  it('starts with every unit free, in a quarter of a byte each', () => {
    expect(bitmapBytes(0)).toBe(0)
    expect(bitmapBytes(4)).toBe(1)
    expect(bitmapBytes(5)).toBe(2)
    expect(emptyBitmap(100_000)).toHaveLength(25_000)
    expect(countStates(emptyBitmap(9), 0, 9)).toEqual({ free: 9, held: 0, sold: 0, blocked: 0 })
  })

  it('gives back the state of every unit that was set, in any order', () => {
    fc.assert(
      fc.property(states, (list) => {
        const bitmap = bitmapOf(list)
        expect(list.map((_, unit) => stateAt(bitmap, unit))).toEqual(list)
        setState(bitmap, 0, 'held')
        expect(stateAt(bitmap, 0)).toBe('held')
        expect(list.slice(1).map((_, unit) => stateAt(bitmap, unit + 1))).toEqual(list.slice(1))
      }),
    )
  })

  it('puts unit u where BITFIELD u2 #u looks: from the highest bit of a byte down', () => {
    expect(Array.from(bitmapOf(['held', 'free', 'free', 'free']))).toEqual([0b01_00_00_00])
    expect(Array.from(bitmapOf(['free', 'sold', 'blocked', 'held']))).toEqual([0b00_10_11_01])
    fc.assert(
      fc.property(states, (list) => {
        const bits = Array.from(bitmapOf(list), (byte) => byte.toString(2).padStart(8, '0')).join(
          '',
        )
        const fields = list.map((_, unit) => Number.parseInt(bits.slice(2 * unit, 2 * unit + 2), 2))
        expect(fields).toEqual(list.map((state) => unitStateCodes[state]))
      }),
    )
  })

  it('counts any stretch as one by one would', () => {
    fc.assert(
      fc.property(states, fc.nat(80), fc.nat(80), (list, first, count) => {
        const bitmap = bitmapOf(list)
        const expected = { free: 0, held: 0, sold: 0, blocked: 0 }
        for (let unit = first; unit < first + count; unit += 1) expected[list[unit] ?? 'free'] += 1
        expect(countStates(bitmap, first, count)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('reads what lies behind its end as free, and refuses to write there', () => {
    const bitmap = bitmapOf(['sold', 'sold', 'sold', 'sold'])
    expect(stateAt(bitmap, 4)).toBe('free')
    expect(() => setState(bitmap, 4, 'held')).toThrow('a unit of the bitmap')
    expect(() => setState(bitmap, -1, 'held')).toThrow('a unit of the bitmap')
  })
})
