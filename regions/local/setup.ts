/**
 * `npm run setup`: brings the servers that npm lacks and says for each part whether it was found,
 * fetched, or is not to be had here and what then. Ends with 1 only when something is wrong, not
 * when something is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPromtool, promtoolPart } from './promtool.ts'
import { findRedisServer, startRedis } from './redis.ts'
import { answerOf, findOnPath, type ServerProgram, toolsFolder } from './server-program.ts'
import { fetchFromDebian } from './setup-debian.ts'
import { fetchPart, NotToBeHadError } from './setup-fetch.ts'
import { redisPart, type SetupPart, typesensePart } from './setup-parts.ts'
import { StartError } from './start-error.ts'
import { findTypesenseServer, startTypesense } from './typesense.ts'

type Installable = {
  readonly part: SetupPart
  readonly find: () => ServerProgram | undefined
  /** Starts and stops the program once, so that what setup calls fetched also runs. */
  readonly prove: (dataFolder: string) => Promise<void>
}

const installables: readonly Installable[] = [
  {
    part: redisPart,
    find: findRedisServer,
    prove: async (dataFolder) => {
      await using _ = await startRedis({ dataFolder, durable: false })
    },
  },
  {
    part: typesensePart,
    find: findTypesenseServer,
    prove: async (dataFolder) => {
      await using _ = await startTypesense({ dataFolder, apiKey: 'setup' })
    },
  },
]

async function setup(): Promise<boolean> {
  const results = []
  for (const installable of installables) results.push(await install(installable))
  await installPromtool()
  say(goLine())
  return !results.includes('failed')
}

async function install(installable: Installable): Promise<'present' | 'absent' | 'failed'> {
  const { part, find, prove } = installable
  const present = find()
  if (present !== undefined) {
    say(`${part.name}: found (${describe(present)})`)
    return 'present'
  }
  try {
    await fetchPart(part, toolsFolder)
    await inTemporaryFolder(prove)
    const fetched = find()
    say(`${part.name}: fetched (${fetched === undefined ? '.tools' : describe(fetched)})`)
    return 'present'
  } catch (error) {
    if (error instanceof NotToBeHadError) {
      say(`${part.name}: not to be had here (${error.message}): ${part.without}`)
      return 'absent'
    }
    if (!(error instanceof StartError)) throw error
    say(`${part.name}: FAILED: ${error.message}`)
    return 'failed'
  }
}

/** Without it the rules for alerts are not tested; nothing that runs needs it. */
async function installPromtool(): Promise<void> {
  const present = findPromtool()
  if (present !== undefined) return say(`promtool: found (${describe(present)})`)
  try {
    await fetchFromDebian(promtoolPart, toolsFolder)
    const fetched = findPromtool()
    say(`promtool: fetched (${fetched === undefined ? '.tools' : describe(fetched)})`)
  } catch (error) {
    if (!(error instanceof NotToBeHadError)) throw error
    say(
      `promtool: not to be had here (${error.message}): the tests of the alert rules are skipped; install prometheus to change that`,
    )
  }
}

function goLine(): string {
  const go = findOnPath('go')
  const version = go === undefined ? undefined : answerOf(go, ['version'])
  if (version !== undefined) return `Go: found (PATH, ${/go(\d[.\d]*)/.exec(version)?.[1]})`
  return "Go: not found: the check of our SQL by CockroachDB's own grammar is skipped, and says so; install Go 1.26 or later to change that"
}

function describe({ where, version, path }: ServerProgram): string {
  return [where, version, where === 'PATH' ? path : undefined].filter(Boolean).join(', ')
}

async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-setup-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = (await setup()) ? 0 : 1
