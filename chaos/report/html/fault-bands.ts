/** The faults behind a picture: from inject to heal, by their numbers; and when sales were back. */
import { type FirstSale, slowestOf } from '../first-sales.ts'
import { html, type Markup } from './markup.ts'
import { extentOf, type NumberedFault, sentenceOf } from './numbered-faults.ts'
import { duration } from './shown.ts'
import { plot, rounded, type TimeAxis } from './time-axis.ts'

export type Happened = {
  readonly axis: TimeAxis
  readonly faults: readonly NumberedFault[]
  readonly firstSales: readonly FirstSale[]
}

/** Behind what is drawn, so that its colours stay what they are. */
export function faultBands({ axis, faults }: Happened, from: number, to: number): Markup {
  const rects = faults.map((fault) => {
    const extent = extentOf(fault, axis)
    const wide = rounded(extent.to - extent.from)
    return html`<g><title>${sentenceOf(fault, axis)}</title>
<rect class="band" x="${extent.from}" y="${from}" width="${wide}" height="${to - from}"/></g>`
  })
  return html`<g>${rects}</g>`
}

/** In front of it: where each begins and ends, and its number above. */
export function faultEdges({ axis, faults }: Happened, from: number, to: number): Markup {
  const edges = faults.map((fault) => {
    const extent = extentOf(fault, axis)
    return html`<path class="band-edge" d="M${extent.from} ${from}V${to}M${extent.to} ${from}V${to}"/>`
  })
  const labels = labelsOf(faults, axis).map(
    ({ x, text }) =>
      html`<text class="band-label" x="${x}" y="${from - 5}" text-anchor="middle">${text}</text>`,
  )
  return html`<g>${edges}${labels}</g>`
}

/** Numbers that would touch become one label: `3–5`. */
function labelsOf(faults: readonly NumberedFault[], axis: TimeAxis) {
  const labels: { x: number; text: string; first: number }[] = []
  for (const fault of faults) {
    const { from } = extentOf(fault, axis)
    const last = labels.at(-1)
    if (last !== undefined && from - last.x < 14 + last.text.length * 6) {
      last.text = `${last.first}–${fault.number}`
    } else labels.push({ x: from, text: String(fault.number), first: fault.number })
  }
  return labels
}

/** More of them get shorter words and fainter lines. */
const roomyMarks = 6

/** A diamond on the axis of sales; a label where there is room. */
export function firstSaleMarks({ axis, firstSales }: Happened, from: number, to: number): Markup {
  let freeFrom: number = plot.left
  const isCrowded = firstSales.length > roomyMarks
  const marks = firstSales.map((first) => {
    const slowest = slowestOf(first)
    if (slowest === null) return null
    const x = axis.x(first.at + slowest * 1_000)
    const after = duration(slowest * 1_000)
    const label = isCrowded ? after : `back after ${after}`
    const needed = label.length * 6.4
    const start = x + needed > plot.right ? x - needed - 7 : x + 7
    const fits = start >= freeFrom
    if (fits) freeFrom = start + needed + 12
    return html`<g><title>After ${first.after}: sales in all regions back after ${after}</title>
<line class="mark${isCrowded && ' crowded'}" x1="${x}" x2="${x}" y1="${from}" y2="${to}"/>
<path class="mark-head" d="M${x} ${from - 6}l6 6l-6 6l-6 -6z"/>
${fits && html`<text class="mark-label" x="${start}" y="${from + 16}">${label}</text>`}</g>`
  })
  return html`<g>${marks}</g>`
}
