/**
 * A whole drill: a ground, fans who buy on it, stories that harm it, then everything healed, work
 * done, evidence gathered and judged, and a report written. Whatever happens, nothing is left
 * running or broken.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { audit } from './auditor/audit.ts'
import { readEvidence } from './auditor/read-evidence.ts'
import { evidenceFiles, type FaultRecord, type RunFacts } from './evidence/evidence.ts'
import { gatherEvidence } from './evidence/gather.ts'
import { untilQuiet } from './evidence/quiet.ts'
import { FaultLog } from './fault-log.ts'
import type { Ground } from './ground/ground.ts'
import { openHistory } from './history/history.ts'
import { play, type Stage } from './play.ts'
import { rareStates } from './rare-states.ts'
import { buildReport } from './report/build-report.ts'
import { toHtml } from './report/html.ts'
import { toJson } from './report/json.ts'
import type { Report } from './report/report.ts'
import type { Terminal } from './report/terminal.ts'
import { now } from './scenario.ts'
import type { Story } from './stories.ts'
import { firstSaleAfter } from './workload/progress.ts'
import { startWorkload } from './workload/workload.ts'

const warmWithinMs = 60_000
const coolMs = 3_000
/** A duty of a worker that died is another's after 30 s, and one that failed rests for up to 60. */
const quietWithinMs = 180_000

export type DrillPlan = {
  readonly name: string
  readonly title: string
  readonly holds: string
  readonly seed: number
  /** Null ends the drill. */
  readonly nextStory: () => Story | null
  readonly options: Readonly<Record<string, unknown>>
  readonly arrivalsPerSecond: number
  readonly database: string
  readonly openGround: (signal: AbortSignal) => Promise<Ground>
  /** Made when it is not there; evidence and report go there. */
  readonly folder: string
  readonly terminal: Terminal
  /** Ends the stories early; what was done so far is judged. */
  readonly signal: AbortSignal
}

export async function runDrill(plan: DrillPlan): Promise<Report> {
  const { folder, terminal, signal } = plan
  await mkdir(folder, { recursive: true })
  const records: FaultRecord[] = []
  const file = createWriteStream(join(folder, evidenceFiles.faults))
  const log = new FaultLog((record) => {
    records.push(record)
    file.write(`${JSON.stringify(record)}\n`)
    terminal.fault(record)
  })
  terminal.note('three regions are being started')
  const ground = await plan.openGround(signal)
  await using _ground = ground
  const played = await playAll(plan, { ground, log })
  file.end()
  terminal.note('everything is healed; duties are being done')
  const quietAt = await untilQuiet(ground, quietWithinMs)
  const facts: RunFacts = {
    scenario: plan.name,
    seed: plan.seed,
    options: { ...plan.options, stories: played.stories },
    target: ground.target,
    database: plan.database,
    ...(await ground.about()),
    regions: ground.regions,
    events: ground.events,
    startedAt: played.startedAt,
    healedAt: played.healedAt,
    quietAt,
    hasVersions: ground.hasVersions,
  }
  await gatherEvidence(ground, folder, facts)
  terminal.note('the auditor reads the evidence')
  const evidence = await readEvidence(folder)
  const verdict = audit(evidence)
  const failures = [
    ...played.failures,
    ...log.failures,
    ...(quietAt === null ? [`duties were not done ${quietWithinMs / 1000} s after the end`] : []),
    ...unfelt(log),
  ]
  const report = buildReport({
    run: facts,
    title: plan.title,
    holds: plan.holds,
    history: evidence.history,
    timeline: records,
    faults: log.faults,
    failures,
    sometimes: rareStates(evidence, played.rare),
    verdict,
  })
  await writeFile(join(folder, 'report.json'), toJson(report))
  await writeFile(join(folder, 'report.html'), toHtml(report))
  return report
}

type Played = {
  readonly startedAt: number
  readonly healedAt: number
  readonly failures: readonly string[]
  readonly rare: ReadonlyMap<string, number>
  /** Each as it can be played alone. */
  readonly stories: readonly Story['options'][]
}

async function playAll(
  plan: DrillPlan,
  { ground, log }: { readonly ground: Ground; readonly log: FaultLog },
): Promise<Played> {
  const { seed, arrivalsPerSecond, signal, terminal } = plan
  const history = await openHistory(join(plan.folder, evidenceFiles.history))
  history.onEntry((entry) => terminal.entry(entry))
  const startedAt = now()
  const workload = startWorkload({ ground, history, seed, ratePerSecond: arrivalsPerSecond })
  const stage: Stage = { ground, workload, log, rare: new Map(), failures: [], signal }
  const stories: Story['options'][] = []
  try {
    await warmUp(stage)
    for (let story = plan.nextStory(); story !== null; story = plan.nextStory()) {
      if (signal.aborted) break
      stories.push(story.options)
      await play(story.scenario, story.options, stage)
    }
  } finally {
    await log.healAll()
  }
  const healedAt = now()
  await wait(coolMs)
  await workload.end()
  await history.close()
  return { startedAt, healedAt, failures: stage.failures, rare: stage.rare, stories }
}

/** A drill on a system that does not sell proves nothing. */
async function warmUp({ ground, workload, log, signal }: Stage): Promise<void> {
  const demand = { at: now(), homes: ground.regions, withinMs: warmWithinMs }
  const seconds = await firstSaleAfter(workload, demand)
  signal.throwIfAborted()
  const cold = Object.entries(seconds).filter(([, took]) => took === null)
  if (cold.length > 0) {
    throw new Error(`nothing was sold before any harm: ${cold.map(([home]) => home).join(', ')}`)
  }
  log.note('fans buy in all regions')
}

function unfelt({ faults }: FaultLog): string[] {
  return faults
    .filter(({ mustBeFelt, felt }) => mustBeFelt && felt === 0)
    .map(({ kind, where, said }) => `nobody felt ${kind} of ${where} (${said})`)
}
