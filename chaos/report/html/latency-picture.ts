/** How long the fans of one region waited for an answer: the median, and the slowest of a hundred. */

import { faultBands, faultEdges, type Happened } from './fault-bands.ts'
import { html, type Markup } from './markup.ts'
import type { Point, Points } from './points.ts'
import { duration } from './shown.ts'
import { plot, timeTicks, width } from './time-axis.ts'
import { timesAxis, type ValueAxis, valueTicks } from './value-axis.ts'

const top = 20
const height = 92

export function latencyPicture(points: Points, happened: Happened, region: string): Markup {
  const { axis } = happened
  const bottom = top + height
  const all = points.regions.flatMap((one) => points.of(one).map(({ p99 }) => p99 ?? 0))
  // The same for all regions, so that they can be compared.
  const most = all.reduce((high, value) => Math.max(high, value), 100)
  const values = timesAxis(most, { top, bottom })
  const own = points.of(region)
  const worst = own.reduce((high, { p99 }) => Math.max(high, p99 ?? 0), 0)
  const index = points.regions.indexOf(region) % 6
  const x = (point: Point) => axis.x(point.at + points.stepMs / 2)
  const said = `Waiting times in ${region}, median and 99th percentile. The worst 99th percentile is ${duration(worst)}. The table below has the figures.`
  return html`<svg viewBox="0 0 ${width} ${bottom + 24}" role="img" aria-label="${said}">
${valueTicks(values)}${timeTicks(axis, top, bottom)}
${faultBands(happened, top, bottom)}${faultEdges(happened, top, bottom)}
${runsOf(own).map((run) => drawn(run, { index, values, x }))}
<line class="base" x1="${plot.left}" x2="${plot.right}" y1="${bottom}" y2="${bottom}"/>
</svg>`
}

type Answered = Point & { readonly p50: number; readonly p99: number }

/** Where nobody got an answer the line breaks off. */
function runsOf(points: readonly Point[]): Answered[][] {
  const runs: Answered[][] = [[]]
  for (const point of points) {
    if (isAnswered(point)) runs.at(-1)?.push(point)
    else runs.push([])
  }
  return runs.filter(({ length }) => length > 0)
}

function isAnswered(point: Point): point is Answered {
  return point.p50 !== null && point.p99 !== null
}

type Drawing = {
  readonly index: number
  readonly values: ValueAxis
  readonly x: (point: Point) => number
}

function drawn(run: readonly Answered[], { index, values, x }: Drawing): Markup {
  const line = (of: (point: Answered) => number) =>
    run.map((point) => `${x(point)} ${values.y(of(point))}`)
  const p99 = line((point) => point.p99)
  const p50 = line((point) => point.p50)
  // One lonely point is a line of no length, which round ends make a dot.
  const path = (at: readonly string[]) => `M${at.join('L')}${at.length === 1 ? 'h0' : ''}`
  return html`<path class="spread r${index}" d="M${[...p99, ...p50.toReversed()].join('L')}Z"/>
<path class="p99 l${index}" d="${path(p99)}"/><path class="p50 l${index}" d="${path(p50)}"/>`
}
