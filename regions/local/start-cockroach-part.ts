/** CockroachDB as the database of a local system. */
import { join } from 'node:path'
import { type CockroachOptions, startCockroach } from './cockroach.ts'
import { findCockroach } from './cockroach-program.ts'
import type { OutsideSettings } from './outside-settings.ts'
import type { RunningParts } from './running-parts.ts'
import { StartError } from './start-error.ts'

/** CockroachDB's names of the regions that get a node each. */
export type CockroachWish = Pick<CockroachOptions, 'regions' | 'ways'>

export type CockroachGround = {
  readonly data: { readonly path: string }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly outside: Pick<OutsideSettings, 'databaseUrl'>
  readonly log: (line: string) => void
  readonly parts: RunningParts
}

export type CockroachPart = {
  readonly url: string
  readonly said: string
  /** Of the node in each region. */
  readonly urls: ReadonlyMap<string, string>
}

/** @throws StartError with one sentence for a person. */
export async function startCockroachPart(
  ground: CockroachGround,
  wish: CockroachWish,
): Promise<CockroachPart> {
  const { data, environment, outside, log, parts } = ground
  if (outside.databaseUrl !== null) {
    throw new StartError(
      'DATABASE_URL is set, so there is no CockroachDB to start: leave it out, or --database.',
    )
  }
  const program = findCockroach(environment)
  const cluster = await startCockroach({
    ...wish,
    program,
    log,
    dataFolder: join(data.path, 'cockroach'),
  })
  parts.add('postgres', cluster)
  const [[, url] = ['', ''], ...others] = cluster.urls
  const count = others.length === 0 ? 'one node' : `${others.length + 1} nodes`
  const where = cluster.placed ? 'tables placed in regions' : 'without regions'
  const said = `CockroachDB ${program.version}, ${count}, ${where}, on port ${new URL(url).port}`
  return { url, said, urls: cluster.urls }
}
