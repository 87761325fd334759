/**
 * Two drills as an SRE runs them, each by a fixed seed and by a random one, which is printed: a
 * region is lost, and commits whose outcome nobody knows. All invariants must hold, each fault must
 * have been felt, and sales must come back; how soon is for a machine that is not filled by others.
 */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openGround } from '../../chaos/ground/open-ground.ts'
import { makeOptions } from '../../chaos/options.ts'
import type { Report } from '../../chaos/report/report.ts'
import { runDrill } from '../../chaos/run-drill.ts'
import type { Scenario } from '../../chaos/scenario.ts'
import { regionLoss } from '../../chaos/scenarios/region-loss.ts'
import { unknownOutcomes } from '../../chaos/scenarios/unknown-outcomes.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

const fixedSeed = 1
const arrivalsPerSecond = 6
const salesWithinMs = 60_000
const drillWithinMs = 400_000
const silent = { entry: () => undefined, fault: () => undefined, note: () => undefined }

async function drill(scenario: Scenario, seeds: readonly number[]): Promise<Report> {
  process.stdout.write(`${scenario.name} by seeds ${seeds.join(' and ')}\n`)
  const { name, title, holds } = scenario
  const stories = seeds.map((seed) => ({
    scenario,
    options: makeOptions(scenario, { seed, arrivalsPerSecond }),
  }))
  const seed = seeds[0] ?? 0
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-drill-of-a-test-'))
  const report = await runDrill({
    name,
    title,
    holds,
    seed,
    nextStory: () => stories.shift() ?? null,
    options: {},
    arrivalsPerSecond,
    salesWithinMs,
    database: 'postgres',
    openGround: (signal) =>
      openGround({
        target: 'local',
        database: 'postgres',
        regions: 3,
        latency: true,
        environment: process.env,
        seed,
        log: () => undefined,
        signal,
      }),
    folder,
    terminal: silent,
    signal: new AbortController().signal,
  })
  // What failed stays where it can be judged again: npm run audit:drill -- <folder>.
  if (report.passed) await rm(folder, { recursive: true })
  else process.stdout.write(`the evidence is in ${folder}\n`)
  return report
}

const told = ({ verdict, failures }: Report) => [
  ...failures,
  ...verdict.findings.flatMap(({ id, violations }) =>
    violations.map(({ said, story }) => [`${id}: ${said}`, ...story].join('\n  ')),
  ),
]
const checked = ({ verdict }: Report) =>
  verdict.findings.filter((finding) => finding.checked > 0).map(({ id }) => id)

describeUnless(redisMissing(), 'a drill', () => {
  it('loses a region, which costs seconds and no sale', { timeout: drillWithinMs }, async () => {
    const report = await drill(regionLoss, [fixedSeed, randomInt(1_000_000)])
    expect(told(report)).toEqual([])
    expect(report.faults.map(({ kind, felt }) => [kind, felt > 0])).toEqual([
      ['region.lost', true],
      ['region.lost', true],
    ])
    expect(checked(report)).toEqual(expect.arrayContaining(['I1', 'I3', 'I6', 'I7', 'I11', 'I24']))
    expect(report.orders.paid).toBeGreaterThan(0)
  })

  it('leaves no outcome unknown', { timeout: drillWithinMs }, async () => {
    const report = await drill(unknownOutcomes, [fixedSeed, randomInt(1_000_000)])
    expect(told(report)).toEqual([])
    expect(report.faults.every(({ felt }) => felt > 0)).toBe(true)
    const unanswered = report.sometimes.find(({ name }) => name.startsWith('a write ended'))
    expect(unanswered?.times).toBeGreaterThan(0)
  })
})
