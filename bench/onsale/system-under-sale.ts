/**
 * The system that sells: one that runs already, or one of our own in a temporary folder, which is
 * stopped and removed afterwards whatever happens.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocal } from '../../regions/local/start-local.ts'
import type { CommandLine } from './command-line.ts'

export type SystemUnderSale = AsyncDisposable & {
  readonly url: string
  /** Null: nobody gave it, and rows are not checked. Holds a password: never say it. */
  readonly databaseUrl: string | null
  /** Null: nobody gave it, the ledger is not checked, and the bank's questions have no answer. */
  readonly simulatorUrl: string | null
  /** One line for a person. */
  readonly said: string
  /** Settles with one sentence when the system cannot go on; otherwise never. */
  readonly gaveUp: Promise<string>
}

/** Of our environment, what programs need; where the data is kept is ours to say. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS', 'LOG_LEVEL'] as const

export type OwnSystem = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** @throws StartError, or the signal's reason */
export async function bringSystem(
  outside: CommandLine['outside'],
  own: OwnSystem,
): Promise<SystemUnderSale> {
  if (outside === null) return startOwn(own)
  const { url, database, stripe } = outside
  return {
    url,
    databaseUrl: database,
    simulatorUrl: stripe,
    said: `the system at ${url}`,
    gaveUp: new Promise(() => undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function startOwn({ environment, log, signal }: OwnSystem): Promise<SystemUnderSale> {
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-onsale-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const needed = Object.fromEntries(passedOn.map((name) => [name, environment[name]]))
    const dataFolder = join(folder, 'data')
    const system = await startLocal({ dataFolder, environment: needed, log, signal })
    return {
      url: system.url,
      databaseUrl: system.databaseUrl,
      simulatorUrl: system.stripeUrl,
      said: `a system of its own; ${system.facts.database}; holds: ${system.facts.holds}`,
      gaveUp: system.gaveUp,
      [Symbol.asyncDispose]: async () => {
        await system.stop()
        await remove()
      },
    }
  } catch (cause) {
    await remove()
    throw cause
  }
}
