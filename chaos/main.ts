/** `npm run chaos`: drills that harm a running system by seed and judge what it did. See `--help`. */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localRegions } from '../regions/local/local-regions.ts'
import { type Command, readCommand, UsageError, usage } from './command-line.ts'
import { NotHereError } from './faults/fault-maker.ts'
import { openGround } from './ground/open-ground.ts'
import { listLines } from './list.ts'
import { reportHtml } from './report/html/page.ts'
import { startTerminal } from './report/terminal/terminal.ts'
import { toJson } from './report/to-json.ts'
import { runDrill } from './run-drill.ts'
import { now } from './scenario.ts'
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
    case 'play':
    case 'soak':
      return await drill(command)
  }
}

type Playing = Extract<Command, { kind: 'play' | 'soak' }>

async function drill(wish: Playing): Promise<number> {
  const { name, title, holds, stories } = programmeOf(wish)
  const { seed, minutes, target, database, regions, latency } = wish
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error('interrupted')))
  }
  const begun = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const folder = wish.out ?? join('.frontrow', 'drills', `${name}-${seed}-${begun}`)
  const startedAt = now()
  const totalMs = minutes === null ? null : minutes * 60_000
  const { stdout } = process
  const names = localRegions.slice(0, regions).map((region) => region.name)
  const plan = { scenario: name, title, seed, startedAt, totalMs, regions: names }
  using terminal = startTerminal({ out: stdout, isTty: stdout.isTTY === true, plan })
  const report = await runDrill({
    name,
    title,
    holds,
    seed,
    nextStory: until(stories, wish, startedAt),
    options: { minutes, regions, latency },
    arrivalsPerSecond: wish.arrivals,
    database,
    openGround: (signal) => {
      // What the servers themselves say stands in their logs, and is much under faults.
      const isOfServer = (line: string) => names.some((name) => line.startsWith(`${name}: `))
      const log = (line: string) => {
        if (!isOfServer(line)) terminal.note(line)
      }
      return openGround({
        target,
        database,
        regions,
        latency,
        environment: process.env,
        seed,
        log,
        signal,
      })
    },
    folder,
    terminal,
    signal: stop.signal,
  })
  const files = [join(folder, 'report.html'), join(folder, 'report.json')]
  await writeFile(files[0] ?? '', reportHtml(report))
  for (const file of [files[1] ?? '', ...(wish.json === null ? [] : [wish.json])]) {
    await writeFile(file, toJson(report))
  }
  terminal.end(report, files)
  return report.passed ? 0 : 1
}

/** One story, or as many as begin within the time; a soak without a time has no end. */
function until(
  stories: Iterator<Story, never>,
  { kind, minutes }: Playing,
  startedAt: number,
): () => Story | null {
  let played = 0
  return () => {
    const isOver =
      minutes === null
        ? kind === 'play' && played > 0
        : played > 0 && now() >= startedAt + minutes * 60_000
    played += 1
    return isOver ? null : stories.next().value
  }
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
