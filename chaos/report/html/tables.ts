/** The figures behind the verdict, a table each. */
import type { Finding } from '../../auditor/verdict.ts'
import { slowestOf } from '../first-sales.ts'
import type { Report } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { feltOf, lengthOf, numberedFaults } from './numbered-faults.ts'
import { count, duration, many } from './shown.ts'
import { badge, table } from './table.ts'
import { timeAxisOf } from './time-axis.ts'

const number = (title: string) => ({ title, isNumber: true }) as const
const wide = (title: string) => ({ title, isWide: true }) as const

export function faultTable(report: Report): Markup {
  const faults = numberedFaults(report)
  if (faults.length === 0) return html`<p>Nothing was broken on purpose.</p>`
  const axis = timeAxisOf(report)
  const rows = faults.map((fault) => [
    fault.number,
    html`<code>${fault.kind}</code><br><span class="faint">${fault.where}</span>`,
    fault.said,
    axis.since(fault.injectedAt),
    lengthOf(fault),
    felt(fault.felt, fault.mustBeFelt, feltOf(fault)),
  ])
  const titles = [number('No.'), { title: 'Fault, of what' }, wide('What happened')]
  return table('Faults', [...titles, number('Set at'), number('Stood'), { title: 'Felt' }], rows)
}

function felt(times: number, mustBeFelt: boolean, said: string): Markup {
  if (times > 0) return html`${said}`
  return mustBeFelt ? badge('bad', said) : badge('none', said)
}

export function firstSaleTable(report: Report): Markup {
  const firstSales = report.firstSaleSeconds
  if (firstSales.length === 0) return html`<p>This run demanded no sale after a fault.</p>`
  const axis = timeAxisOf(report)
  const homes = [...new Set(firstSales.flatMap(({ seconds }) => Object.keys(seconds)))]
  const time = (seconds: number | null | undefined) => {
    if (seconds === undefined) return html`<span class="faint">not asked</span>`
    return seconds === null ? badge('bad', 'none came') : duration(seconds * 1_000)
  }
  const rows = firstSales.map((first) => [
    first.after,
    axis.since(first.at),
    ...homes.map((home) => time(first.seconds[home])),
    html`<strong>${time(slowestOf(first))}</strong>`,
  ])
  const titles = [wide('After'), number('From'), ...homes.map(number), number('All')]
  return table('First sale after each fault, by the home region of the event', titles, rows)
}

export function sometimesTable({ sometimes }: Report): Markup {
  if (sometimes.length === 0) return html`<p>This scenario hopes for no rare state.</p>`
  const rows = [...sometimes]
    .sort((a, b) => b.times - a.times)
    .map(({ name, times }) => [
      name,
      times > 0 ? badge('good', many(times, 'time')) : badge('none', 'never'),
    ])
  return table('Rare states', [wide('State'), { title: 'Reached' }], rows)
}

export function invariantTable({ verdict }: Report): Markup {
  const rows = verdict.findings.map((finding) => [
    finding.id,
    html`${finding.title}${notes(finding)}`,
    count(finding.checked),
    count(finding.broken),
    standing(finding),
  ])
  const titles = [{ title: '' }, wide('What must always hold'), number('Checked'), number('Broken')]
  return table('Invariants', [...titles, { title: 'Verdict' }], rows)
}

function standing({ broken, checked }: Finding): Markup {
  if (broken > 0) return badge('bad', 'broken')
  return checked === 0 ? badge('none', 'not checked') : badge('good', 'holds')
}

function notes({ note, counts }: Finding): Markup {
  const counted = Object.entries(counts).map(([name, value]) => `${spoken(name)} ${count(value)}`)
  const all = [...(note === null ? [] : [note]), ...counted].join(' · ')
  return html`${all !== '' && html`<br><span class="faint">${all}</span>`}`
}

/** `holdsLost` as people say it. */
function spoken(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

export function stories({ verdict }: Report): Markup {
  const broken = verdict.findings.filter(({ violations }) => violations.length > 0)
  if (broken.length === 0) return html``
  const one = ({ said, story }: Finding['violations'][number]) => html`
<article class="story"><p><strong>${said}</strong></p><pre tabindex="0">${story.join('\n')}</pre></article>`
  return html`<section><h2>What broke</h2>${broken.map(
    ({ id, title, broken: times, violations }) => html`
<h3>${badge('bad', id)} ${title}</h3>
<p class="faint">${many(violations.length, 'story', 'stories')} of ${many(times, 'violation')}.</p>
${violations.map(one)}`,
  )}</section>`
}

export function errorTable({ errorsByOutcome }: Report): Markup {
  const rows = Object.entries(errorsByOutcome).map(([code, { final, transient, unknown }]) => {
    const all = final + transient + unknown
    return [html`<code>${code}</code>`, ...[all, final, transient, unknown].map(count)]
  })
  if (rows.length === 0) return html`<p>No fan saw an error.</p>`
  const titles = ['All', 'A plain no', 'Try again', 'No answer'].map(number)
  return table('Errors that fans saw, by code', [wide('Code'), ...titles], rows)
}
