/**
 * The system that sells: one that runs already, or one of our own in a temporary folder, which is
 * stopped and removed afterwards whatever happens. It has one place or several: where fans are, and
 * where an event lives.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalSystem, startLocal } from '../../regions/local/start-local.ts'
import type { CommandLine } from './command-line.ts'

/** Servers as they are reached from one place, the nearest first: it is the place's own. */
export type SalePlace = { readonly urls: readonly [string, ...string[]] }

export type SystemUnderSale = AsyncDisposable & {
  readonly places: readonly SalePlace[]
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
  readonly regions: number
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
  const { urls, database, stripe } = outside
  return {
    places: urls.map((url) => ({ urls: [url, ...urls.filter((other) => other !== url)] })),
    databaseUrl: database,
    simulatorUrl: stripe,
    said: `the system at ${urls.join(', ')}`,
    gaveUp: new Promise(() => undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function startOwn(own: OwnSystem): Promise<SystemUnderSale> {
  const { environment, log, signal, regions } = own
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-onsale-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const needed = Object.fromEntries(passedOn.map((name) => [name, environment[name]]))
    const dataFolder = join(folder, 'data')
    const system = await startLocal({
      dataFolder,
      environment: needed,
      log,
      signal,
      regions,
    })
    return {
      places: placesOf(system),
      databaseUrl: system.databaseUrl,
      simulatorUrl: system.stripeUrl,
      said: `a system of its own${regions > 1 ? ` in ${regions} regions` : ''}; ${system.facts.database}; holds: ${system.facts.holds}`,
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

function placesOf({ url, regions }: LocalSystem): readonly SalePlace[] {
  const all = Object.values(regions)
  if (all.length === 0) return [{ urls: [url] }]
  return all.map(({ name, url: own, fanUrls }) => ({
    urls: [own, ...Object.keys(fanUrls).flatMap((to) => (to === name ? [] : (fanUrls[to] ?? [])))],
  }))
}
