/**
 * Runs a local system for a person at a terminal: starts it, says what they can do with it, and
 * stops it on the first signal. A second signal, not at once, cuts short what is under way.
 */
import pico from 'picocolors'
import { banner } from './banner.ts'
import { readCommandLine, UsageError, usage } from './command-line.ts'
import { localRegions } from './local-regions.ts'
import type { Environment } from './outside-settings.ts'
import { StartError } from './start-error.ts'
import { type LocalSystem, startLocal } from './start-local.ts'
import { watchStarter } from './starter.ts'
import { LiveBoard } from './watch/live-board.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. */
const sameSignalMs = 700
/** Of a terminal that does not say how wide it is. */
const columnsUsual = 120

export type Launch = {
  readonly args: readonly string[]
  readonly environment: Environment
  /** Stop when the process that started this one is gone. */
  readonly stopWithStarter: boolean
}

/** @returns the exit code, when everything has ended. */
export async function launch({ args, environment, stopWithStarter }: Launch): Promise<number> {
  // A reader that went away, such as a closed terminal, must not take the system down unstopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  try {
    const { help, watch, data, database, ...rest } = readCommandLine(args)
    if (help) {
      say(usage)
      return 0
    }
    const wishes = listen(stopWithStarter)
    const alone = environment['REGION'] || localRegions[0]?.name || ''
    const names = localRegions.slice(0, rest.regions).map(({ name }) => name)
    const cockroach = { regions: rest.regions > 1 ? names : [alone] }
    const engine = database === 'cockroach' ? { cockroach } : {}
    const options = { ...rest, ...engine, dataFolder: data, environment, demo: true, log: note }
    const start = (signal: AbortSignal) => startLocal({ ...options, signal })
    return await run(wishes, { start, watch })
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${usage}`)
      return 2
    }
    if (!(error instanceof StartError)) throw error
    process.stderr.write(`${pico.red(error.message)}\n`)
    return 1
  }
}

type StopWishes = {
  /** Aborted by the first wish. */
  readonly first: AbortSignal
  readonly second: AbortSignal
}

async function run(
  { first, second }: StopWishes,
  {
    start,
    watch,
  }: {
    readonly start: (signal: AbortSignal) => Promise<LocalSystem>
    readonly watch: boolean
  },
): Promise<number> {
  const startedAt = performance.now()
  second.addEventListener('abort', () => note('stopping at once'))
  let system: LocalSystem
  try {
    system = await orAborted(start(first), second)
  } catch (error) {
    // What still runs is stopped by its watches, and what is half made by the next start.
    if (first.aborted) return 0
    throw error
  }
  const { bold, dim } = pico
  const readyMs = performance.now() - startedAt
  say(banner(system, { paint: { bold, dim }, folder: process.cwd(), readyMs }))
  using _ = watch ? showBoard(system) : null
  const sentence = await Promise.race([system.gaveUp, aborted(first).then(() => null)])
  if (sentence !== null) process.stderr.write(`${pico.red(sentence)} Stopping everything.\n`)
  second.addEventListener('abort', () => void system.hurry())
  await (second.aborted ? system.hurry() : system.stop())
  return sentence === null ? 0 : 1
}

function listen(stopWithStarter: boolean): StopWishes {
  const [first, second] = [new AbortController(), new AbortController()]
  let firstAt = 0
  const wish = () => {
    if (!first.signal.aborted) {
      firstAt = performance.now()
      note('stopping')
      first.abort()
    } else if (performance.now() - firstAt > sameSignalMs) second.abort()
  }
  for (const signal of signals) process.on(signal, wish)
  if (stopWithStarter) watchStarter(wish)
  return { first: first.signal, second: second.signal }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The work, or a rejection as soon as the signal comes. */
function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return Promise.race([
    work,
    aborted(signal).then(() => {
      throw new Error('cut short')
    }),
  ])
}

/** The board that stands on the screen, if one does: what is said goes above it. */
let standing: LiveBoard | null = null

function showBoard({ metricsUrl, regions }: LocalSystem): Disposable {
  const { stdout } = process
  const screen = {
    write: say,
    isTerminal: stdout.isTTY === true,
    columns: () => stdout.columns || columnsUsual,
  }
  const { bold, dim, red } = pico
  const all = Object.values(regions)
  const sources = all.length === 0 ? [{ name: 'server', metricsUrl, state: 'up' as const }] : all
  const board = new LiveBoard({ sources, screen, paint: { bold, dim, red } })
  standing = board
  return {
    [Symbol.dispose]: () => {
      board[Symbol.dispose]()
      standing = null
    },
  }
}

/** Beside the point, on standard error: what happens while it happens. */
function note(line: string): void {
  const text = `${pico.dim('·')} ${line}\n`
  if (standing === null) process.stderr.write(text)
  else standing.say(text)
}

function say(text: string): void {
  process.stdout.write(text)
}
