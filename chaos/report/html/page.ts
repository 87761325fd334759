/**
 * The report as one file that can be mailed, printed and opened in ten years: nothing is loaded,
 * nothing runs. The policy in its head says so to the browser too, in case something slipped in.
 */
import { createHash } from 'node:crypto'
import { boardWords, findingOf } from '../board-words.ts'
import { slowestOf } from '../first-sales.ts'
import { repeatCommand } from '../repeat-command.ts'
import type { Report } from '../report.ts'
import { html, Markup } from './markup.ts'
import { clock, count, duration, moment } from './shown.ts'
import { styles } from './styles.ts'
import { badge, table } from './table.ts'
import {
  errorTable,
  faultTable,
  firstSaleTable,
  invariantTable,
  sometimesTable,
  stories,
} from './tables.ts'
import { timeline } from './timeline.ts'

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

export function reportHtml(report: Report): string {
  const { title, passed, run } = report
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${passed ? 'Passed' : 'Failed'}: ${run.scenario}, seed ${run.seed}</title>
<link rel="icon" href="data:,">
<style>${new Markup(styles)}</style>
</head>
<body>
<header>
<p class="eyebrow">Frontrow <span aria-hidden="true">·</span> Drill report</p>
<h1>${title}</h1>
${verdict(report)}
${metaLine(report)}
</header>
<main>
${failures(report)}
${tiles(report)}
<section><h2>What happened when</h2>${timeline(report)}</section>
${stories(report)}
<section><h2>Faults</h2>${faultTable(report)}</section>
<section><h2>First sale after each fault</h2>${firstSaleTable(report)}</section>
<section><h2>Invariants</h2>
<p>An auditor that shares no code with the system checked ${count(report.verdict.operations)} operations against the database and the payment provider's ledger in ${duration(report.verdict.tookMs)}.</p>
${invariantTable(report)}</section>
<section><h2>Rare states</h2><p>What such runs hope to meet, so that it is known to be tested.</p>${sometimesTable(report)}</section>
<section><h2>Errors that fans saw</h2>${errorTable(report)}</section>
${about(report)}
</main>
</body>
</html>
`
  return page.text
}

function verdict(report: Report): Markup {
  const { passed, holds } = report
  const words = boardWords(report)
  return html`<div class="verdict ${passed ? 'good' : 'bad'}">
<p class="stamp">${passed ? badge('good', 'Passed') : badge('bad', 'Failed')}</p>
<p class="words">${words.join(' ')}</p>
<p class="holds"><span class="faint">What must hold:</span> ${holds}</p>
</div>`
}

function metaLine({ run, seconds }: Report): Markup {
  const end = seconds.at(-1)?.at ?? run.startedAt
  const items = [
    ['Scenario', run.scenario],
    ['Seed', String(run.seed)],
    ['Started', moment(run.startedAt)],
    ['Lasted', clock(end + 1_000 - run.startedAt)],
    ['Regions', run.regions.join(', ')],
  ]
  return html`<dl class="meta">${items.map(([name = '', said = '']) => html`<div><dt>${name}</dt><dd>${said}</dd></div>`)}</dl>`
}

function failures({ failures: all }: Report): Markup {
  if (all.length === 0) return html``
  return html`<section class="failures"><h2>Why it failed</h2><ul>${all.map((said) => html`<li>${said}</li>`)}</ul></section>`
}

function tiles(report: Report): Markup {
  const { orders, holdsKept, holdsLost, firstSaleSeconds, lostAcknowledgements } = report
  const slowest = firstSaleSeconds.map(slowestOf)
  const isBack = slowest.length > 0 && !slowest.includes(null)
  const back = duration(Math.max(0, ...slowest.map((one) => one ?? 0)) * 1_000)
  const twice = findingOf(report, 'I1')
  const isJudged = twice !== null && twice.checked > 0
  const left = report.seconds.reduce((sum, { unknowns }) => sum + unknowns, 0)
  const all = [
    [count(orders.paid), 'orders sold'],
    [
      isJudged ? count(twice.broken) : '–',
      isJudged ? 'seats sold twice' : 'sold twice: not checked',
    ],
    [count(lostAcknowledgements), 'acknowledged orders lost'],
    [
      isBack ? back : '–',
      slowest.includes(null) ? 'sales did not come back' : 'until sales were back',
    ],
    [`${count(holdsKept)} / ${count(holdsLost)}`, 'holds kept / lost'],
    [count(left), `answers left out; ${count(orders.unknown)} buyers never looked again`],
  ]
  return html`<ul class="tiles">${all.map(([figure = '', said = '']) => html`<li><strong>${figure}</strong> <span>${said}</span></li>`)}</ul>`
}

function about({ run }: Report): Markup {
  const versions = Object.entries(run.versions).map(([name, version]) => [name, version])
  const options = Object.entries(run.options).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const facts = [
    ['target', run.target],
    ['database', run.database],
    ['machine', run.machine],
    ['events', String(run.events.length)],
    ['units on sale', count(run.events.reduce((sum, { units }) => sum + units, 0))],
  ]
  const columns = (title: string) => [{ title }, { title: '', isWide: true }] as const
  return html`<section><h2>To see it again</h2>
<p>The same seed plays the same story:</p>
<pre class="command" tabindex="0">${repeatCommand(run)}</pre>
<div class="columns">
${table('The run', columns('The run'), [...facts, ...options])}
${table('Versions', columns('Versions'), versions)}
</div></section>`
}
