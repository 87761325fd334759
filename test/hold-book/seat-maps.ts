/** Small and large seat maps of regular shape for the hold book's tests and bench. */
import type { Row, SeatMap, Section } from '../../server/domain/seat-map.ts'

export type SectionPlan =
  | { readonly kind: 'seated'; readonly rows: number; readonly seats: number }
  | { readonly kind: 'standing'; readonly units: number }

/** Sections A, B, … one after the other; rows a metre apart, seats half a metre. */
export function seatMapOf(plans: readonly SectionPlan[]): SeatMap {
  let firstUnit = 0
  const sections = plans.map((plan, index): Section => {
    const name = `S${index}`
    const first = firstUnit
    const units = plan.kind === 'standing' ? plan.units : plan.rows * plan.seats
    firstUnit += units
    if (plan.kind === 'standing') return { kind: 'standing', name, firstUnit: first, units }
    return { kind: 'seated', name, firstUnit: first, units, rows: rowsOf(plan, first) }
  })
  return { name: 'test', units: firstUnit, sections }
}

function rowsOf(plan: { rows: number; seats: number }, firstUnit: number): Row[] {
  return Array.from({ length: plan.rows }, (_, row) => ({
    name: String(row + 1),
    firstUnit: firstUnit + row * plan.seats,
    seats: Array.from({ length: plan.seats }, (_seat, seat) => ({
      name: String(seat + 1),
      x: seat * 0.5,
      y: row,
    })),
  }))
}
