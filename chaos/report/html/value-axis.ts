/** The upright axes: rates from zero on, and times by decades, since faults make them a thousandfold. */
import { html, type Markup } from './markup.ts'
import { rate } from './shown.ts'
import { plot, rounded } from './time-axis.ts'

export type ValueAxis = {
  readonly y: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

type Extent = { readonly top: number; readonly bottom: number }

export function rateAxis(most: number, { top, bottom }: Extent): ValueAxis {
  const step = niceStep(Math.max(most, 1) / 4)
  const high = Math.ceil(Math.max(most, 1) / step) * step
  const ticks = Array.from({ length: Math.round(high / step) + 1 }, (_, index) => index * step)
  return {
    y: (value) => rounded(bottom - (value / high) * (bottom - top)),
    ticks: ticks.map((value) => ({ value, label: rate(value) })),
  }
}

const decades = [1, 10, 100, 1_000, 10_000, 100_000]
const decadeLabels = ['1 ms', '10 ms', '100 ms', '1 s', '10 s', '100 s']

export function timesAxis(most: number, { top, bottom }: Extent): ValueAxis {
  const high = decades.find((decade) => decade >= most) ?? 100_000
  const share = (ms: number) => Math.log10(Math.min(Math.max(ms, 1), high)) / Math.log10(high)
  return {
    y: (ms) => rounded(bottom - share(ms) * (bottom - top)),
    ticks: decades.flatMap((value, index) =>
      value <= high ? [{ value, label: decadeLabels[index] ?? '' }] : [],
    ),
  }
}

export function valueTicks({ y, ticks }: ValueAxis): Markup {
  return html`<g>${ticks.map(
    ({ value, label }) => html`
<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y(value)}" y2="${y(value)}"/>
<text class="tick" x="${plot.left - 8}" y="${y(value) + 4}" text-anchor="end">${label}</text>`,
  )}</g>`
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const nice = [1, 2, 5, 10].find((one) => one * power >= least) ?? 10
  return Math.max(nice * power, 0.25)
}
