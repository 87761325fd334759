/** The steps of a run: the checks, and vitest, each a program of its own. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../tidy/source.ts'
import { run } from './child.ts'
import { checked, closingLine, nothing, type Tally } from './tally.ts'
import type { RunTally } from './tally-reporter.ts'

const checkDeadlineMs = 5 * 60_000
const testsDeadlineMs = 18 * 60_000

const outputs = join(projectRoot, '.frontrow')
const recordings = join(outputs, 'statements')
const tallies = join(outputs, 'tallies')

/**
 * A script of package.json; counts as one test.
 * @param unsure why it is left out when it ends with 2: it could not find out
 */
export async function check(name: string, script: string, unsure?: string): Promise<Tally> {
  return timed(name, async () => checked({ name, script, unsure }, await runScript(script)))
}

/** Runs the tests of some projects; the whole of a project must not be empty. */
export async function tests(options: TestsOptions): Promise<Tally> {
  return timed(options.name, () => runTests(options))
}

function runScript(script: string): Promise<string | null> {
  return run({
    program: 'npm',
    parameters: ['run', '--silent', script],
    // oxlint takes this name for a wish for colours, whatever NO_COLOR says.
    environment: { CI: undefined },
    deadlineMs: checkDeadlineMs,
  })
}

export type TestsOptions = {
  readonly name: string
  readonly projects: readonly string[]
  /** Parts of paths; none means all. */
  readonly patterns: readonly string[]
}

async function runTests({ name, projects, patterns }: TestsOptions): Promise<Tally> {
  const file = join(tallies, `${projects.join('-')}.json`)
  await mkdir(tallies, { recursive: true })
  await rm(file, { force: true })
  const fault = await run({
    program: join(projectRoot, 'node_modules', '.bin', 'vitest'),
    parameters: [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=./test/run/tally-reporter.ts',
      ...(patterns.length > 0 ? ['--passWithNoTests', ...patterns] : []),
    ],
    environment: { TALLY_FILE: file, STATEMENT_LOG: recordings },
    deadlineMs: testsDeadlineMs,
  })
  const tally = await readTally(file)
  if (tally === null)
    return { ...nothing, failures: [`${name}: vitest ${fault ?? 'told nothing'}`] }
  const empty = patterns.length > 0 ? [] : projects.filter((one) => !tally.projects.includes(one))
  const failures = [...tally.failures, ...empty.map((one) => `${one}: no test ran`)]
  if (fault !== null && failures.length === 0) failures.push(`${name}: vitest ${fault}`)
  return { passed: tally.passed, failures, skipped: tally.skipped }
}

/**
 * Forgets the statements of the last run, so that a statement which is gone is not judged, and
 * promises new ones, so that recording nothing is a fault.
 */
export async function prepareRecording(): Promise<void> {
  await rm(recordings, { recursive: true, force: true })
  await mkdir(recordings, { recursive: true })
  await writeFile(join(recordings, 'expected'), '')
}

/** For .ci/run, which so knows that a run came to its end. */
export async function keepClosingLine(line: string): Promise<void> {
  await mkdir(outputs, { recursive: true })
  await writeFile(join(outputs, 'closing-line'), `${line}\n`)
}

async function readTally(file: string): Promise<RunTally | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunTally
  } catch {
    return null
  }
}

async function timed(name: string, step: () => Promise<Tally>): Promise<Tally> {
  process.stdout.write(`\n== ${name}\n`)
  const startMs = performance.now()
  const tally = await step()
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  process.stdout.write(`== ${name}: ${closingLine(tally)}, in ${seconds} s\n`)
  return tally
}
