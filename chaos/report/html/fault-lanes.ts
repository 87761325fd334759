/** The picture above the others: each fault as a bar with its name, below each other as they overlap. */

import { html, type Markup } from './markup.ts'
import { extentOf, type NumberedFault, sentenceOf } from './numbered-faults.ts'
import { plot, rounded, type TimeAxis, timeTicks, width } from './time-axis.ts'

const laneHeight = 24
const barHeight = 16
const top = 4
const gap = 6
/** Of the letters of the page, about: only lanes depend on it. */
const letterWidth = 6.9

type Bar = {
  readonly fault: NumberedFault
  readonly from: number
  readonly to: number
  readonly label: string
  readonly labelAt: number
  readonly anchor: 'start' | 'end'
  /** With the label. */
  readonly extent: readonly [number, number]
}

export function faultLanes(faults: readonly NumberedFault[], axis: TimeAxis): Markup {
  const lanes = lanesOf(faults.map((fault) => barOf(fault, axis)))
  const bottom = top + Math.max(lanes.length, 1) * laneHeight
  const names = faults.map((fault) => sentenceOf(fault, axis)).join('; ')
  return html`<svg viewBox="0 0 ${width} ${bottom + 24}" role="img" aria-label="Faults over time. ${names || 'None.'}">
${timeTicks(axis, top, bottom)}
${lanes.map((lane, index) => lane.map((bar) => drawn(bar, { axis, y: top + index * laneHeight })))}
</svg>`
}

function drawn(bar: Bar, { axis, y }: { readonly axis: TimeAxis; readonly y: number }): Markup {
  const { fault, from, to, label, labelAt, anchor } = bar
  const middle = y + laneHeight / 2
  return html`<g><title>${sentenceOf(fault, axis)}</title>
<rect class="fault-bar" x="${from}" y="${middle - barHeight / 2}" width="${rounded(to - from)}" height="${barHeight}" rx="3"/>
<text class="fault-label" x="${labelAt}" y="${middle + 4.5}" text-anchor="${anchor}"><tspan class="number">${fault.number}</tspan> ${label}</text></g>`
}

function barOf(fault: NumberedFault, axis: TimeAxis): Bar {
  const { from, to } = extentOf(fault, axis)
  const label = `${fault.kind} ${fault.where}`
  const needs = (label.length + String(fault.number).length + 1) * letterWidth
  const common = { fault, from, to, label }
  if (needs + 2 * gap < to - from) {
    return { ...common, labelAt: from + gap, anchor: 'start', extent: [from, to] }
  }
  if (to + gap + needs <= plot.right) {
    return { ...common, labelAt: to + gap, anchor: 'start', extent: [from, to + gap + needs] }
  }
  return { ...common, labelAt: from - gap, anchor: 'end', extent: [from - gap - needs, to] }
}

/** Each in the first lane where it fits. */
function lanesOf(bars: readonly Bar[]): Bar[][] {
  const lanes: Bar[][] = []
  const clear = (lane: readonly Bar[], { extent: [from, to] }: Bar) =>
    lane.every(({ extent }) => extent[1] + gap < from || to + gap < extent[0])
  for (const bar of bars) {
    const lane = lanes.find((one) => clear(one, bar))
    if (lane === undefined) lanes.push([bar])
    else lane.push(bar)
  }
  return lanes
}
