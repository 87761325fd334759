/** All pictures, one below the other on one axis of time. */
import type { Report } from '../report.ts'
import type { Happened } from './fault-bands.ts'
import { faultLanes } from './fault-lanes.ts'
import { latencyPicture } from './latency-picture.ts'
import { html, type Markup } from './markup.ts'
import { numberedFaults } from './numbered-faults.ts'
import { latencyTable, rateTable, rowsMax } from './picture-tables.ts'
import { type Points, pointsMax, pointsOf } from './points.ts'
import { ratePicture } from './rate-picture.ts'
import { duration } from './shown.ts'
import { timeAxisOf } from './time-axis.ts'

export function timeline(report: Report): Markup {
  const axis = timeAxisOf(report)
  const faults = numberedFaults(report)
  const happened: Happened = { axis, faults, firstSales: report.firstSaleSeconds }
  const points = pointsOf(report, pointsMax)
  const rows = pointsOf(report, rowsMax)
  const rates = (rate: 'sales' | 'refusals' | 'unknowns', name: string, height: number) => html`
<div class="scroll">${ratePicture(points, happened, { rate, name, height, hasMarks: rate === 'sales' })}</div>
${rateTable(rows, axis, rate)}`
  return html`${patterns()}
<figure><figcaption><h3>Faults</h3><p>Each bar is a fault from the moment it was set until it was healed. The numbers are the same in all pictures and tables.</p></figcaption>
<div class="scroll">${faultLanes(faults, axis)}</div></figure>
<figure><figcaption><h3>Sales a second</h3>${legend(points)}<p>Orders that buyers were told are paid, by where the buyer is. ${points.stepMs > 1_000 && `Means of ${duration(points.stepMs)}. `}Shaded: a fault stands. Diamond: every region sells again.</p></figcaption>
${rates('sales', 'Sales a second', 190)}</figure>
<figure class="long"><figcaption><h3>Waiting times</h3><p>From the question to the answer, all kinds of calls. Solid: 99 of 100 answers came faster (p99). Dashed: every other one did (p50). The scale is by tens.</p></figcaption>
${points.regions.map((region) => html`<div class="one"><h4>${swatch(points.regions.indexOf(region))} ${region}</h4><div class="scroll">${latencyPicture(points, happened, region)}</div></div>`)}
${latencyTable(rows, axis)}</figure>
<figure><figcaption><h3>Answers left out, a second</h3>${legend(points)}<p>Calls after which a buyer did not know whether they had worked: each must be settled by asking again under the same key.</p></figcaption>
${rates('unknowns', 'Calls without an answer a second', 90)}</figure>
<figure><figcaption><h3>Refusals a second</h3>${legend(points)}<p>Calls that were answered with no, of whatever reason: most are seats that somebody else has.</p></figcaption>
${rates('refusals', 'Refusals a second', 90)}</figure>`
}

function legend({ regions }: Points): Markup {
  return html`<ul class="legend">${regions.map((region, index) => html`<li>${swatch(index)} ${region}</li>`)}</ul>`
}

function swatch(index: number): Markup {
  const each = index % 6
  return html`<svg class="swatch" viewBox="0 0 22 14" aria-hidden="true"><rect class="area r${each}" width="22" height="14" rx="2"/><rect class="area-hatch" fill="url(#hatch${each})" width="22" height="14" rx="2"/></svg>`
}

/** So that regions can be told apart without colours. */
function patterns(): Markup {
  const lines = ['', 'M0 8L8 0', 'M2 2h1.6v1.6h-1.6z', 'M0 0L8 8', 'M0 4H8', 'M4 0V8']
  return html`<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>
${lines.map((d, index) => html`<pattern id="hatch${index}" width="8" height="8" patternUnits="userSpaceOnUse"><path class="hatch" d="${d || 'M0 0'}"/></pattern>`)}
</defs></svg>`
}
