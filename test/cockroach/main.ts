/**
 * `npm run test:cockroach`: the suites of stores, races and sales on a CockroachDB of this machine.
 * Without one it fails with one sentence: whoever asks for it must not take silence for success.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCockroach } from '../../regions/local/cockroach.ts'
import { cockroachUrl } from '../../regions/local/cockroach-database.ts'
import { findCockroach } from '../../regions/local/cockroach-program.ts'
import { StartError } from '../../regions/local/start-error.ts'
import { onServer } from '../support/on-server.ts'
import { readWish, usage, type Wish } from './command-line.ts'
import { quickSettings, runSuite, suites } from './suites.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

function wishOf(args: readonly string[]): Wish {
  try {
    return readWish(args)
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${usage}`)
    return process.exit(2)
  }
}

async function main({ regions, patterns }: Wish): Promise<number> {
  const chosen = suites.filter(
    (suite) => patterns.length === 0 || patterns.some((part) => suite.includes(part)),
  )
  if (chosen.length === 0) throw new StartError(`No suite is called ${patterns.join(' or ')}.`)
  const program = findCockroach(process.env)
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-cockroach-'))
  try {
    await using cluster = await startCockroach({ program, dataFolder: folder, regions, log: say })
    const placed = cluster.placed ? 'with regions' : 'without regions'
    say(`CockroachDB ${program.version}, nodes: ${regions.length}, ${placed}`)
    const url = cockroachUrl(cluster.nodes[0]?.port ?? 0, 'root', 'defaultdb')
    for (const setting of quickSettings) await onServer(url, setting).catch(() => undefined)
    return await runAll(url, chosen)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runAll(url: string, chosen: readonly string[]): Promise<number> {
  const faults: string[] = []
  for (const suite of chosen) {
    const fault = await runSuite(url, suite)
    if (fault !== null) faults.push(`${suite} ${fault}`)
  }
  for (const fault of faults) say(`FAILED: ${fault}`)
  say(`${chosen.length - faults.length} of ${chosen.length} suites passed on CockroachDB.`)
  return faults.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(wishOf(process.argv.slice(2)))
} catch (cause) {
  if (!(cause instanceof StartError)) throw cause
  process.stderr.write(`${cause.message}\n`)
  process.exitCode = 1
}
