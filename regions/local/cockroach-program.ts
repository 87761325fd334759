/** CockroachDB's program: this machine's own, since neither npm nor Debian has one. */
import { cockroachVersion, isAtLeast, oldestCockroach } from '../../migrations/engine.ts'
import type { Environment } from './outside-settings.ts'
import { answerOf, findOnPath } from './server-program.ts'
import { StartError } from './start-error.ts'

export type CockroachProgram = {
  readonly path: string
  /** As the program says it, such as v26.2.5; "of an unknown version" for a build without one. */
  readonly version: string
}

const wanted = `${oldestCockroach.major}.${oldestCockroach.minor}`
const unknown = 'of an unknown version'

/** @throws StartError with one sentence when there is none, or only one that cannot be used */
export function findCockroach(environment: Environment): CockroachProgram {
  const named = environment['COCKROACH_BINARY'] || undefined
  const path = named ?? findOnPath('cockroach')
  if (path === undefined) {
    throw new StartError(
      `There is no CockroachDB on this machine: put its program \`cockroach\` (${wanted} or later) on the PATH, or its path into COCKROACH_BINARY.`,
    )
  }
  const said = answerOf(path, ['version']) ?? ''
  const tag = /^Build Tag:\s*(\S*)/m.exec(said)?.[1]
  if (tag === undefined) {
    const whose = named === undefined ? path : `COCKROACH_BINARY names ${path}, which`
    throw new StartError(`${whose} is no CockroachDB that runs here: \`version\` told none.`)
  }
  const release = cockroachVersion(`${tag}.`)
  if (!isAtLeast(release, oldestCockroach)) {
    throw new StartError(`${path} is CockroachDB ${tag}; Frontrow needs ${wanted} or later.`)
  }
  return { path, version: release === null ? unknown : tag }
}
