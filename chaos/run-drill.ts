/**
 * A whole drill: a ground, fans who buy on it, stories that harm it, then everything healed, work
 * done, evidence gathered and judged, and a report made. Whatever happens, nothing is left running.
 */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { audit } from './auditor/audit.ts'
import { readEvidence } from './auditor/read-evidence.ts'
import { type EventFacts, evidenceFiles, type RunFacts } from './evidence/evidence.ts'
import { gatherEvidence } from './evidence/gather.ts'
import { bringToQuiet } from './evidence/quiet.ts'
import { FaultLog } from './fault-log.ts'
import type { Ground } from './ground/ground.ts'
import { machineSaid } from './ground/program-versions.ts'
import { HallKeeper } from './hall-keeper.ts'
import { History } from './history/history.ts'
import { play, type Stage } from './play.ts'
import { rareStates } from './rare-states.ts'
import { buildReport } from './report/build-report.ts'
import type { Report } from './report/report.ts'
import type { Terminal } from './report/terminal/terminal.ts'
import { now } from './scenario.ts'
import type { Story } from './stories.ts'
import { firstSaleAfter } from './workload/progress.ts'
import { startWorkload } from './workload/workload.ts'

const usualSalesWithinMs = 10_000
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
  /** 10 s unless told: more on a machine that is filled by others. */
  readonly salesWithinMs?: number
  readonly database: string
  readonly openGround: (signal: AbortSignal) => Promise<Ground>
  /** Made when it is not there; the evidence goes there. */
  readonly folder: string
  readonly terminal: Pick<Terminal, 'entry' | 'fault' | 'note'>
  /** Ends the stories early; what was done so far is judged. */
  readonly signal: AbortSignal
}

/** @throws StartError, the signal's reason before the first sale, or a defect of the drill itself */
export async function runDrill(plan: DrillPlan): Promise<Report> {
  const { folder, terminal, signal } = plan
  await mkdir(folder, { recursive: true })
  terminal.note('regions are being started')
  await using ground = await plan.openGround(signal)
  const played = await playAll(plan, ground)
  terminal.note('all is healed; what is owed is being done')
  const quietAt = await bringToQuiet(ground, quietWithinMs)
  terminal.note(quietAt === null ? 'some of it is not done' : 'all is quiet; evidence is gathered')
  const { events, startedAt, healedAt, stories, log } = played
  const run: RunFacts = {
    scenario: plan.name,
    seed: plan.seed,
    options: { ...plan.options, stories },
    target: ground.target,
    database: plan.database,
    versions: await ground.versions(),
    machine: machineSaid(),
    regions: ground.regions,
    events,
    startedAt,
    healedAt,
    quietAt,
    hasVersions: ground.hasVersions,
  }
  await gatherEvidence(ground, folder, run)
  terminal.note('the auditor reads the evidence')
  const evidence = await readEvidence(folder)
  return await buildReport(evidence.history, {
    run,
    title: plan.title,
    holds: plan.holds,
    faults: log.faults,
    timeline: evidence.faults,
    sometimes: rareStates(evidence, played.rare),
    verdict: audit(evidence),
    failures: [...played.failures, ...log.failures],
  })
}

type Played = {
  readonly log: FaultLog
  readonly events: readonly EventFacts[]
  readonly startedAt: number
  readonly healedAt: number
  readonly failures: readonly string[]
  readonly rare: ReadonlyMap<string, number>
  /** Each as it can be played alone. */
  readonly stories: readonly Story['options'][]
}

async function playAll(plan: DrillPlan, ground: Ground): Promise<Played> {
  const { seed, folder, arrivalsPerSecond: ratePerSecond, signal, terminal } = plan
  const file = createWriteStream(join(folder, evidenceFiles.faults))
  const log = new FaultLog((record) => {
    file.write(`${JSON.stringify(record)}\n`)
    terminal.fault(record)
  })
  using history = new History(join(folder, evidenceFiles.history))
  history.onEntry((entry) => terminal.entry(entry))
  const startedAt = now()
  const { events } = ground
  const workload = startWorkload({ ground, history, seed, ratePerSecond, events })
  const halls = new HallKeeper(workload, events)
  const ending = new AbortController()
  const keeping = halls.keep(ending.signal)
  const stage: Stage = {
    ground,
    workload,
    halls,
    log,
    salesWithinMs: plan.salesWithinMs ?? usualSalesWithinMs,
    rare: new Map(),
    failures: [],
    notHere: [],
    signal,
  }
  const stories: Story['options'][] = []
  try {
    await warmUp(stage)
    for (let story = plan.nextStory(); story !== null; story = plan.nextStory()) {
      if (signal.aborted) break
      await bringHome(stage)
      stories.push(story.options)
      await play(story.scenario, story.options, stage)
    }
  } finally {
    await log.healAll()
    await wait(coolMs)
    ending.abort()
    await keeping
    await workload.end()
  }
  // A part of many is told and left out; a drill that played nothing else has not proved a thing.
  for (const said of stage.notHere) log.note(`not played to its end, ${said}`)
  const isAll = stage.notHere.length === stories.length
  const failures = [...stage.failures, ...(isAll ? stage.notHere : []), ...workload.noticed]
  file.end()
  const { rare } = stage
  return { log, events: halls.events, startedAt, healedAt: now(), failures, rare, stories }
}

/** What an earlier story has moved away: each begins with every region selling its own events. */
async function bringHome({ ground, workload, failures, signal }: Stage): Promise<void> {
  const rows = await ground.sql<{ region: string; holder: string }>(
    'select region::text as region, server_region as holder from authority',
  )
  for (const { region, holder } of rows) {
    if (holder === region || signal.aborted) continue
    if (!(await workload.restore(region))) failures.push(`${region} did not get its events back`)
  }
}

/** A drill on a system that does not sell proves nothing. */
async function warmUp({ ground, workload, log, signal }: Stage): Promise<void> {
  const demand = { at: now(), homes: ground.regions, withinMs: warmWithinMs, signal }
  const seconds = await firstSaleAfter(workload.sales, demand)
  signal.throwIfAborted()
  const cold = Object.entries(seconds).filter(([, took]) => took === null)
  if (cold.length > 0) {
    throw new Error(`nothing was sold before any harm: ${cold.map(([home]) => home).join(', ')}`)
  }
  log.note('fans buy in all regions')
}
