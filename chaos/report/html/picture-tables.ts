/** What the pictures show, as tables: for who cannot see them, and for who wants the figures. */
import { html, type Markup } from './markup.ts'
import type { Points, Rate } from './points.ts'
import { duration, rate as shownRate } from './shown.ts'
import { table } from './table.ts'
import type { TimeAxis } from './time-axis.ts'

/** A table of more rows is read by nobody; the JSON has every second. */
export const rowsMax = 30

/** @param points as many as there shall be rows */
export function rateTable(points: Points, axis: TimeAxis, rate: Rate): Markup {
  const { regions } = points
  const rows = timesOf(points).map((at, index) => {
    const values = regions.map((region) => points.of(region)[index]?.rates[rate] ?? 0)
    return [axis.since(at), ...values.map(shownRate)]
  })
  return folded(points, [{ title: 'From' }, ...regions.map((title) => number(title))], rows)
}

export function latencyTable(points: Points, axis: TimeAxis): Markup {
  const { regions } = points
  const rows = timesOf(points).map((at, index) => {
    const cells = regions.flatMap((region) => {
      const { p50 = null, p99 = null } = points.of(region)[index] ?? {}
      return [p50, p99].map((one) => (one === null ? '–' : duration(one)))
    })
    return [axis.since(at), ...cells]
  })
  const titles = regions.flatMap((region) => [number(`${region} p50`), number('p99')])
  return folded(points, [{ title: 'From' }, ...titles], rows)
}

const number = (title: string) => ({ title, isNumber: true }) as const

function timesOf(points: Points): number[] {
  return points.of(points.regions[0] ?? '').map(({ at }) => at)
}

function folded(points: Points, ...[columns, rows]: Folded): Markup {
  const caption = `The same as a table, each row ${duration(points.stepMs)}`
  return html`<details><summary>${caption}</summary>${table(caption, columns, rows)}</details>`
}

type Folded = [Parameters<typeof table>[1], Parameters<typeof table>[2]]
