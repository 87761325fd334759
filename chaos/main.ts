/** `npm run chaos`: drills that harm a running system by seed and judge what it did. See `--help`. */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from './auditor/audit.ts'
import { readEvidence } from './auditor/read-evidence.ts'
import { type Command, readCommand, UsageError, usage } from './command-line.ts'
import { NotHereError } from './faults/fault-maker.ts'
import { openGround } from './ground/open-ground.ts'
import { listLines } from './list.ts'
import { toJson } from './report/json.ts'
import { startTerminal, verdictLines } from './report/terminal.ts'
import { runDrill } from './run-drill.ts'
import { scenarios } from './scenarios/index.ts'
import { anyScenario, type Story, sameScenario } from './stories.ts'

const cannotBePlayed = 2

process.exit(await main())

async function main(): Promise<number> {
  try {
    return await carryOut(readCommand(process.argv.slice(2), randomInt(1_000_000)))
  } catch (cause) {
    if (!(cause instanceof UsageError || cause instanceof NotHereError)) throw cause
    process.stderr.write(`${cause.message}\n`)
    return cannotBePlayed
  }
}

async function carryOut(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(usage)
      return 0
    case 'list':
      process.stdout.write(listLines(scenarios))
      return 0
    case 'audit': {
      const verdict = audit(await readEvidence(command.folder))
      process.stdout.write(verdictLines(verdict))
      return verdict.isBroken ? 1 : 0
    }
    case 'play':
    case 'soak':
      return await drill(command)
  }
}

type Playing = Extract<Command, { kind: 'play' | 'soak' }>

async function drill(wish: Playing): Promise<number> {
  const { name, title, holds, stories } = programmeOf(wish)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error('interrupted')))
  }
  const begun = new Date().toISOString().replaceAll(/[:.]/g, '-').slice(0, 19)
  const folder = wish.out ?? join('.frontrow', 'drills', `${name}-${wish.seed}-${begun}`)
  const terminal = startTerminal({ name, seed: wish.seed, minutes: wish.minutes, folder })
  const endMs = wish.minutes === null ? null : performance.now() + wish.minutes * 60_000
  let isFirst = true
  const nextStory = () => {
    const isOnce = wish.kind === 'play' && endMs === null
    if (!isFirst && (isOnce || (endMs !== null && performance.now() >= endMs))) return null
    isFirst = false
    return stories.next().value
  }
  const { target, database, regions, latency } = wish
  const report = await runDrill({
    name,
    title,
    holds,
    seed: wish.seed,
    nextStory,
    options: { minutes: wish.minutes, regions, latency },
    arrivalsPerSecond: wish.arrivals,
    database,
    openGround: (signal) => openGround({ target, database, regions, latency, signal }),
    folder,
    terminal,
    signal: stop.signal,
  })
  if (wish.json !== null) await writeFile(wish.json, toJson(report))
  terminal.end(report)
  return report.passed ? 0 : 1
}

type Programme = {
  readonly name: string
  readonly title: string
  readonly holds: string
  readonly stories: Iterator<Story, never>
}

/** @throws UsageError | NotHereError */
function programmeOf(wish: Playing): Programme {
  const { seed, arrivals: arrivalsPerSecond, target } = wish
  if (wish.kind === 'soak') {
    return {
      name: 'soak',
      title: 'Scenarios by chance, one after the other, on the same system.',
      holds: 'Every promise all the time; sales within 10 s of each healing.',
      stories: anyScenario(scenarios, target, { seed, arrivalsPerSecond }),
    }
  }
  const scenario = scenarios.find(({ name }) => name === wish.scenario)
  if (scenario === undefined) {
    throw new UsageError(`There is no scenario ${wish.scenario}: npm run chaos -- list.`)
  }
  const { name, title, holds, notYet, targets } = scenario
  if (notYet !== undefined) throw new NotHereError(`${name} cannot be played: ${notYet}`)
  if (!targets.includes(target)) {
    throw new NotHereError(`${name} cannot be played on ${target}, only on ${targets.join(', ')}.`)
  }
  const unknown = wish.parts?.find((part) => !(part in scenario.parts))
  if (unknown !== undefined) {
    const there = Object.keys(scenario.parts).join(', ')
    throw new UsageError(`${name} has no part ${unknown}; it has ${there}.`)
  }
  const parts = wish.parts === null ? {} : { parts: wish.parts }
  return {
    name,
    title,
    holds,
    stories: sameScenario(scenario, { seed, arrivalsPerSecond, ...parts }),
  }
}
