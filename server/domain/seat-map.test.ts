import { describe, expect, it } from 'vitest'
import {
  findSection,
  placeLabel,
  placeOfUnit,
  type SeatMap,
  sectionIndexOfUnit,
  sectionOfUnit,
} from './seat-map.ts'

const seats = (names: readonly string[]) => names.map((name, x) => ({ name, x, y: 0 }))

const seatMap: SeatMap = {
  name: 'Hall',
  units: 12,
  sections: [
    {
      kind: 'seated',
      name: 'A',
      firstUnit: 0,
      units: 5,
      rows: [
        { name: '1', firstUnit: 0, seats: seats(['1', '2']) },
        { name: '2', firstUnit: 2, seats: seats(['1', '2', '3']) },
      ],
    },
    { kind: 'standing', name: 'Floor', firstUnit: 5, units: 4 },
    {
      kind: 'seated',
      name: 'B',
      firstUnit: 9,
      units: 3,
      rows: [{ name: 'X', firstUnit: 9, seats: seats(['7', '8', '9']) }],
    },
  ],
}

describe('a seat map', () => {
  it('knows the place of every unit', () => {
    const labels = Array.from({ length: 12 }, (_, unit) => placeLabel(placeOfUnit(seatMap, unit)))
    expect(labels).toEqual([
      'Section A, row 1, seat 1',
      'Section A, row 1, seat 2',
      'Section A, row 2, seat 1',
      'Section A, row 2, seat 2',
      'Section A, row 2, seat 3',
      'Floor (standing)',
      'Floor (standing)',
      'Floor (standing)',
      'Floor (standing)',
      'Section B, row X, seat 7',
      'Section B, row X, seat 8',
      'Section B, row X, seat 9',
    ])
  })

  it('gives a standing place neither row nor seat', () => {
    expect(placeOfUnit(seatMap, 5)).toEqual({ section: 'Floor', row: null, seat: null })
  })

  it('finds sections by unit and by exact name', () => {
    expect(sectionIndexOfUnit(seatMap, 8)).toBe(1)
    expect(sectionOfUnit(seatMap, 9).name).toBe('B')
    expect(findSection(seatMap, 'B')?.firstUnit).toBe(9)
    expect(findSection(seatMap, 'b')).toBeUndefined()
  })

  it.each([-1, 12, 0.5, Number.NaN])('has no unit %d', (unit) => {
    expect(() => placeOfUnit(seatMap, unit)).toThrow('a unit of the seat map')
  })
})
