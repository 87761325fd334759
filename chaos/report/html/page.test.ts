/** The page: whole, safe whatever a run said, and with everything that the board must see. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { buildReport } from '../build-report.ts'
import type { Report } from '../report.ts'
import { type SampleWish, sampleFacts, sampleHistory } from '../sample-run.ts'
import { reportHtml } from './page.ts'
import { pointsMax, pointsOf } from './points.ts'

const evil = `<script>alert("1")</script><img src=x onerror='alert(2)'>\u001b[31m`

const wish: SampleWish = {
  seed: 5,
  seconds: 60,
  salesPerSecond: 6,
  faults: [
    { kind: 'region.lost', where: 'us-east1', said: 'killed', from: 10, to: 20, felt: 4 },
    { kind: 'link.cut', where: 'a/b', said: 'cut & gone', from: 15, to: 30, felt: 1 },
    { kind: 'redis.wiped', where: 'europe-west1', said: 'all keys', from: 40, to: 40.1, felt: 0 },
  ],
}

async function sample(change: (report: Report) => Partial<Report> = () => ({})): Promise<Report> {
  const report = await buildReport(sampleHistory(wish), sampleFacts(wish))
  return { ...report, ...change(report) }
}

const voids = new Set(['meta', 'link', 'br'])

/** Every tag that opens closes, in its order; attributes are quoted; no sign stands unescaped. */
function faultsOf(text: string): string[] {
  const open: string[] = []
  const faults: string[] = []
  const style = /<style>[\s\S]*?<\/style>/
  const body = text.replace(/^<!doctype html>/, '').replace(style, '')
  const tag = /<(\/?)([a-z0-9]+)((?: [a-zA-Z0-9:-]+="[^"<>]*")*)(\/?)>/g
  for (const [, closes, name = '', , empty] of body.matchAll(tag)) {
    if (closes === '/') {
      const expected = open.pop()
      if (expected !== name) faults.push(`</${name}> closes <${expected}>`)
    } else if (empty !== '/' && !voids.has(name)) open.push(name)
  }
  if (open.length > 0) faults.push(`<${open.join('> <')}> stay open`)
  const stray = /[<>]|&(?!(amp|lt|gt|quot|#39);)/.exec(body.replace(tag, ''))
  if (stray !== null)
    faults.push(`a stray ${body.replace(tag, '').slice(stray.index, stray.index + 40)}`)
  const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  if (new Set(ids).size < ids.length) faults.push('an id stands twice')
  return faults
}

it('is well-formed', async () => {
  expect(faultsOf(reportHtml(await sample()))).toEqual([])
  expect(faultsOf('<p><b>x</p></b>')).not.toEqual([])
  expect(faultsOf('<p>a < b</p>')).not.toEqual([])
})

it('loads nothing, runs nothing, and lets the browser allow no more', async () => {
  const page = reportHtml(await sample())
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? []
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(policy.replaceAll('&#39;', "'")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  )
  expect(page).not.toMatch(/<script|https?:|@import|url\((?!#)| style=| on\w+=/)
})

it('shows what came from outside as text, wherever it came from', async () => {
  const report = await sample((sane) => ({
    run: {
      ...sane.run,
      scenario: evil,
      machine: evil,
      database: evil,
      versions: { [evil]: evil },
      options: { [evil]: evil, deep: { evil } },
      regions: [evil],
    },
    title: evil,
    holds: evil,
    passed: false,
    failures: [evil],
    faults: sane.faults.map((fault) => ({ ...fault, kind: evil, where: evil, said: evil })),
    firstSaleSeconds: [{ after: evil, at: sane.run.startedAt, seconds: { [evil]: 1 } }],
    seconds: sane.seconds.map((second) => ({ ...second, region: evil })),
    errorsByOutcome: { [evil]: { final: 1, transient: 0, unknown: 0 } },
    sometimes: [{ name: evil, times: 1 }],
    verdict: {
      ...sane.verdict,
      findings: sane.verdict.findings.map((finding) => ({
        ...finding,
        id: evil,
        title: evil,
        note: evil,
        counts: { [evil]: 1 },
        broken: 1,
        violations: [{ said: evil, story: [evil] }],
      })),
    },
  }))
  const page = reportHtml(report)
  expect(faultsOf(page)).toEqual([])
  expect(page).not.toMatch(/<script|<img/)
  expect(page).not.toContain('\u001b')
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
})

it('has each fault in every picture, in the table, and how often it was felt', async () => {
  const page = reportHtml(await sample())
  const pictures = [...page.matchAll(/<svg viewBox="0 0 1000[\s\S]*?<\/svg>/g)].map(([all]) => all)
  // Lanes, sales, three regions' times, answers left out, refusals.
  expect(pictures).toHaveLength(7)
  for (const picture of pictures) {
    expect(picture).toContain('1. region.lost of us-east1 (killed), 0:10 to 0:20, met 4 times')
    expect(picture).toContain('2. link.cut of a/b (cut &amp; gone), 0:15 to 0:30, met once')
    expect(picture).toContain('3. redis.wiped of europe-west1 (all keys), 0:40 to 0:40, never met')
    expect(picture).toMatch(/aria-label="[^"]{20}/)
  }
  expect(page.match(/class="mark-head"/g)).toHaveLength(3)
  expect(page).toContain('✗</span> never met')
  expect(page).toContain('redis.wiped of europe-west1 was set, and nobody felt it')
})

it('says the verdict first, for people', async () => {
  const page = reportHtml(await sample())
  expect(page).toMatch(
    /No seat was sold twice\. No acknowledged order was lost\. The money adds up to the cent\. 3 faults, 2 of them felt; sales were back after \d\.\d s at the latest\./,
  )
  expect(page).toContain('<title>Failed: region-loss, seed 5</title>')
  expect(page).toContain('npm run chaos -- region-loss --seed 5 --regions 3 --target local')
})

it('draws a long run with no more points than can be seen, and keeps its worst moment', async () => {
  const long = { ...wish, seconds: 1_250, salesPerSecond: 2, faults: [] }
  const report = await buildReport(sampleHistory(long), sampleFacts(long))
  const seconds = report.seconds.map((second, index) =>
    index === 1_500 ? { ...second, p99: 77_000 } : second,
  )
  const points = pointsOf({ ...report, seconds }, pointsMax)
  const all = points.regions.flatMap((region) => points.of(region))
  expect(all.length).toBeLessThanOrEqual(3 * pointsMax)
  expect(Math.max(...all.map(({ p99 }) => p99 ?? 0))).toBe(77_000)
  const sold = all.reduce((sum, { rates }) => sum + rates.sales, 0) * (points.stepMs / 1_000)
  expect(sold / report.orders.paid).toBeCloseTo(1, 1)
})

it('stands a run in which nothing happened', async () => {
  const empty = { ...wish, seconds: 0, faults: [] }
  const report = await buildReport([], { ...sampleFacts(empty), sometimes: [] })
  const page = reportHtml({ ...report, verdict: { ...report.verdict, findings: [] } })
  expect(faultsOf(page)).toEqual([])
  expect(page).not.toMatch(/NaN|Infinity|undefined/)
  expect(page).toContain('Whether a seat was sold twice could not be checked.')
})
