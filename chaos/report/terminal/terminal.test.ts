/** What is seen while a drill runs: lines for a log, and a view that fits into 80 columns. */
import { expect, it } from 'vitest'
import { buildReport } from '../build-report.ts'
import { type SampleWish, sampleFacts, sampleHistory, sampleStart } from '../sample-run.ts'
import { type Plan, startTerminal, type Terminal } from './terminal.ts'

const wish: SampleWish = {
  seed: 9,
  seconds: 30,
  salesPerSecond: 8,
  faults: [
    {
      kind: 'region.lost',
      where: 'us-east1',
      said: 'all of its processes are killed and all links of it are cut until it is healed again',
      from: 12,
      to: 21,
      felt: 33,
    },
  ],
}
const facts = sampleFacts(wish)
const plan: Plan = {
  scenario: 'region-loss',
  title: facts.title,
  seed: 9,
  startedAt: sampleStart,
  totalMs: 30_000,
  regions: facts.run.regions,
}

/** Plays the sample's history by its own clock; `stops` are seconds at which to look. */
function play(isTty: boolean, stops: readonly number[], until = 30) {
  let at = sampleStart
  const written: string[] = []
  const out = { write: (text: string) => written.push(text), columns: 80 }
  const terminal: Terminal = startTerminal({ out, isTty, plan, now: () => at })
  const steps = [
    ...[...sampleHistory(wish)].map((entry) => ({ at: entry.at, do: () => terminal.entry(entry) })),
    ...facts.timeline.map((record) => ({ at: record.at, do: () => terminal.fault(record) })),
    ...stops.map((second) => ({ at: sampleStart + second * 1_000, do: terminal.show })),
  ]
  for (const step of steps.sort((one, other) => one.at - other.at)) {
    if (step.at > sampleStart + until * 1_000) break
    at = step.at
    step.do()
  }
  return { terminal, written }
}

const escape = String.fromCharCode(27)
const uncoloured = (text: string) => text.replace(new RegExp(`${escape}\\[[0-9;]*[mAJ]`, 'g'), '')
const linesOf = (written: readonly string[]) => uncoloured(written.join('')).split('\n')

it('writes plain lines for a log', () => {
  const { terminal, written } = play(false, [10, 20, 30])
  terminal.note('the old authority \u001b[2Jcame back')
  terminal[Symbol.dispose]()
  expect(written.join('')).toMatchInlineSnapshot(`
    "region-loss, seed 9: A region is lost while a sale runs, and comes back
    0:10 148 sold; us-east1 6.8 sales/s, p99 34 ms; europe-west1 4.6 sales/s, p99 35 ms; asia-southeast1 3.0 sales/s, p99 28 ms
    0:12 set region.lost of us-east1: all of its processes are killed and all links of it are cut until it is healed again
    0:20 254 sold; us-east1 (down) 3.2 sales/s, p99 2.0 s, 14 without an answer; europe-west1 5.4 sales/s, p99 1.3 s; asia-southeast1 2.4 sales/s, p99 1.3 s; 1 fault stands
    0:21 healed region.lost of us-east1, felt 33 times
    0:24 sales are back everywhere 1.9 s after region.lost of us-east1 was healed
    0:30 417 sold; us-east1 6.4 sales/s, p99 34 ms, 14 without an answer; europe-west1 5.0 sales/s, p99 34 ms; asia-southeast1 3.4 sales/s, p99 21 ms
    0:30 the old authority �[2Jcame back
    "
  `)
})

it('draws a view of 80 columns, and takes it away before the next', () => {
  const { terminal, written } = play(true, [10, 15], 16)
  terminal[Symbol.dispose]()
  const [first = '', second = ''] = written
  expect(written).toHaveLength(2)
  expect(second.startsWith(`${escape}[${first.split('\n').length - 1}A${escape}[0J`)).toBe(true)
  expect(Math.max(...linesOf(written).map(({ length }) => length))).toBeLessThan(80)
  expect(linesOf([first]).join('\n')).toContain('No fault stands.')
  expect(linesOf([second]).join('\n')).toMatchInlineSnapshot(`
    "region-loss  seed 9  at 0:15 of about 0:30  sold 199
    A region is lost while a sale runs, and comes back

    region          state                      sales/s holds/s     p99 refused/s
    us-east1        down   ▁▁▁█▅▆▇█▅▆▆▇▇▆▆▂▁▁      3.0       0   2.0 s       0.6
    europe-west1    up     ▁▁▁▇▇▅▇▇▆▆▇█▆▆▆▆▅█      4.2       0  912 ms       1.0
    asia-southeast1 up     ▁▁▁▅▅▅▅▇▅▂▇▅▇▇▅▄▂█      3.0       0   1.1 s         0

    ✗ 0:03 region.lost us-east1  all of its processes are killed and all links of …

    · 0:12 set region.lost of us-east1: all of its processes are killed and all li…
    Invariants are judged at the end.
    "
  `)
})

it('ends with the verdict, whatever the width of what is said', async () => {
  const { terminal, written } = play(true, [10], 11)
  const long = 'a sentence that goes on and on, as sentences of scenarios may do, up to an end'
  const broken = facts.verdict.findings.map((finding) =>
    finding.id === 'I1'
      ? { ...finding, broken: 1, violations: [{ said: long, story: [`${long}\u001b[2J`] }] }
      : finding,
  )
  const verdict = { ...facts.verdict, findings: broken, isBroken: true }
  const report = await buildReport([], { ...facts, verdict, failures: [long] })
  written.length = 0
  terminal.end(report, ['report.html'])
  const lines = linesOf(written)
  const text = lines.join('\n')
  expect(text).toContain('✗ FAILED  region-loss, seed 9')
  expect(text).toContain('1 seat was sold twice.')
  expect(text).toMatch(/✗ I1 .* 21408 +1\n/)
  expect(text).toMatch(/– I13 .* 0 +0\n/)
  expect(text).toMatch(/region\.lost us-east1 +9\.0 s +33\n/)
  expect(text).toMatch(/region\.lost of us-east1 was healed +\d\.\d s\n/)
  expect(text).toMatch(/a late webhook met a finished order +never\n/)
  expect(text).toContain('report report.html')
  const repeats = (line: string) => line.startsWith('again ')
  const widest = Math.max(...lines.filter((line) => !repeats(line)).map(({ length }) => length))
  expect(widest).toBeLessThan(80)
  expect(written.join('')).not.toContain(`${escape}[2J`)
})

it('writes no colours into a log', () => {
  const { terminal, written } = play(false, [10], 11)
  terminal[Symbol.dispose]()
  expect(written.join('')).not.toContain(escape)
})
