/** One axis for all pictures, so that what happened at one moment stands in one line down the page. */
import type { Report } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { clock } from './shown.ts'

/** Of all pictures, in their own units; the page scales them. */
export const width = 1_000
const left = 64
const right = 14
export const plot = { left, right: width - right, width: width - left - right } as const

const stepsSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 3_600, 7_200, 14_400]
const ticksMax = 11

export type TimeAxis = {
  readonly startedAt: number
  readonly lengthMs: number
  /** Of a moment, in the picture. */
  readonly x: (at: number) => number
  /** Of a moment, since the start. */
  readonly since: (at: number) => string
  readonly ticks: readonly number[]
}

/** From the start to the last thing that there is to draw. */
export function timeAxisOf({ run, seconds, faults }: Report): TimeAxis {
  const { startedAt } = run
  const ends = [
    startedAt + 1_000,
    (seconds.at(-1)?.at ?? startedAt) + 1_000,
    ...faults.map(({ injectedAt, healedAt }) => healedAt ?? injectedAt),
  ]
  const lengthMs = ends.reduce((most, end) => Math.max(most, end), startedAt) - startedAt
  const share = (at: number) => Math.min(Math.max((at - startedAt) / lengthMs, 0), 1)
  const step = stepsSeconds.find((one) => lengthMs / 1_000 / one < ticksMax) ?? lengthMs / 10_000
  const count = Math.floor(lengthMs / 1_000 / step) + 1
  return {
    startedAt,
    lengthMs,
    x: (at) => rounded(plot.left + share(at) * plot.width),
    since: (at) => clock(at - startedAt),
    ticks: Array.from({ length: count }, (_, index) => startedAt + index * step * 1_000),
  }
}

export function timeTicks(axis: TimeAxis, from: number, to: number): Markup {
  const label = (at: number) => {
    const x = axis.x(at)
    // The last one would hang over the edge.
    const anchor = x > plot.right - 18 ? 'end' : 'middle'
    return html`<text class="tick" x="${x}" y="${to + 17}" text-anchor="${anchor}">${axis.since(at)}</text>`
  }
  return html`<g>
${axis.ticks.map((at) => html`<line class="grid" x1="${axis.x(at)}" x2="${axis.x(at)}" y1="${from}" y2="${to}"/>`)}
${axis.ticks.map(label)}
</g>`
}

/** Whole pixels are too coarse for 600 points, and full fractions are too long to send by mail. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
