/** The hall of the model, and whether there is room in it for a wish. */
import type { SeatRequest } from '../../../server/domain/hold.ts'
import { seatMapOf } from '../seat-maps.ts'

/** Units 0 to 9 in two rows, and a standing area of four. Small: wishes are to collide. */
export const hall = seatMapOf([
  { kind: 'seated', rows: 2, seats: 5 },
  { kind: 'standing', units: 4 },
])
const seatsPerRow = 5

export function sectionUnits(index: number): number[] {
  const section = hall.sections[index]
  if (section === undefined) return []
  return Array.from({ length: section.units }, (_, place) => section.firstUnit + place)
}

type OpenRequest = Exclude<SeatRequest, { readonly kind: 'units' }>

/** How many units are free, and whether so many are side by side in one row. */
export function roomFor(
  { sections, count }: OpenRequest,
  isFree: (unit: number) => boolean,
): { readonly free: number; readonly together: boolean } {
  const units = sections.flatMap(sectionUnits).filter(isFree)
  const free = new Set(units)
  const together = units.some((first) => {
    const group = Array.from({ length: count }, (_, seat) => first + seat)
    const rows = new Set(group.map((unit) => Math.floor(unit / seatsPerRow)))
    return rows.size === 1 && group.every((unit) => free.has(unit))
  })
  return { free: units.length, together }
}
