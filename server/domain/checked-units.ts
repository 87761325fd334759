/** Units of a wish as the books take them: ascending, once each, on the map. */
import { assert } from '../platform/assert.ts'
import type { SeatMap } from './seat-map.ts'

/** @throws AssertionError for what a use-case must have refused before */
export function checkedUnits(seatMap: SeatMap, units: readonly number[]): number[] {
  const sorted = [...units].sort((a, b) => a - b)
  assert(sorted.length > 0, 'a wish names units')
  assert(new Set(sorted).size === sorted.length, 'units are named once')
  const isUnit = (unit: number) => Number.isInteger(unit) && unit >= 0 && unit < seatMap.units
  assert(sorted.every(isUnit), 'units are on the seat map')
  return sorted
}
