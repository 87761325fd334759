/** Something that is counted, each second, the regions on top of each other. */

import { faultBands, faultEdges, firstSaleMarks, type Happened } from './fault-bands.ts'
import { html, type Markup } from './markup.ts'
import type { Points, Rate } from './points.ts'
import { rate as shownRate } from './shown.ts'
import { plot, timeTicks, width } from './time-axis.ts'
import { rateAxis, type ValueAxis, valueTicks } from './value-axis.ts'

export type RatePicture = {
  readonly rate: Rate
  /** For who cannot see it: `Sales a second`. */
  readonly name: string
  readonly height: number
  readonly hasMarks: boolean
}

const top = 20

export function ratePicture(points: Points, happened: Happened, picture: RatePicture): Markup {
  const { axis } = happened
  const bottom = top + picture.height
  const layers = layersOf(points, picture.rate)
  const totals = layers.at(-1)?.upper ?? []
  const most = totals.reduce((high, value) => Math.max(high, value), 0)
  const peakAt = points.of(points.regions[0] ?? '')[totals.indexOf(most)]?.at ?? axis.startedAt
  const values = rateAxis(most, { top, bottom })
  const said = `${picture.name} by region, stacked. Most: ${shownRate(most)} at ${axis.since(peakAt)}. The table below has the figures.`
  return html`<svg viewBox="0 0 ${width} ${bottom + 24}" role="img" aria-label="${said}">
${valueTicks(values)}${timeTicks(axis, top, bottom)}
${faultBands(happened, top, bottom)}
${layers.map((layer, index) => {
  const d = areaOf(layer, { values, x: axis.x, points })
  return html`<path class="area r${index % 6}" d="${d}"/><path class="area-hatch" fill="url(#hatch${index % 6})" d="${d}"/>`
})}
${faultEdges(happened, top, bottom)}
${picture.hasMarks && firstSaleMarks(happened, top, bottom)}
<line class="base" x1="${plot.left}" x2="${plot.right}" y1="${bottom}" y2="${bottom}"/>
</svg>`
}

type Layer = { readonly lower: readonly number[]; readonly upper: readonly number[] }

function layersOf(points: Points, rate: Rate): Layer[] {
  const layers: Layer[] = []
  let lower = points.of(points.regions[0] ?? '').map(() => 0)
  for (const region of points.regions) {
    const own = points.of(region)
    const upper = lower.map((value, index) => value + (own[index]?.rates[rate] ?? 0))
    layers.push({ lower, upper })
    lower = upper
  }
  return layers
}

type Drawing = {
  readonly values: ValueAxis
  readonly x: (at: number) => number
  readonly points: Points
}

/** In steps: a count is of the whole second, and one lonely second must be seen. */
function areaOf({ lower, upper }: Layer, { values, x, points }: Drawing): string {
  const times = points.of(points.regions[0] ?? '').map(({ at }) => at)
  const ends = (index: number) => {
    const at = times[index] ?? 0
    return [x(at), x(at + points.stepMs)] as const
  }
  const over = upper.map((value, index) => {
    const [from, to] = ends(index)
    return `L${from} ${values.y(value)}H${to}`
  })
  const back = lower.map((value, index) => {
    const [from, to] = ends(index)
    return `L${to} ${values.y(value)}H${from}`
  })
  return `M${[...over, ...back.reverse()].join('').slice(1)}Z`
}
