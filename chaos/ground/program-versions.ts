/** Which programs a run was of, and on what machine: a report without them says little later. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findRedisServer } from '../../regions/local/redis.ts'
import type { Sql } from './ground.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const execute = promisify(execFile)

type Versions = Readonly<Record<string, string>>

/** By name, with those of programs of this machine; what is not known is left out. */
export async function programVersions(sql: Sql): Promise<Versions> {
  const redis = findRedisServer()?.version
  return { ...(await ownVersions(sql)), ...(redis === undefined ? {} : { redis }) }
}

/** Of this program, what it runs on, and its database. */
export async function ownVersions(sql: Sql): Promise<Versions> {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  const commit = await commitOf(root)
  return {
    frontrow: version,
    ...(commit === null ? {} : { commit }),
    node: process.versions.node,
    database: await databaseVersion(sql),
  }
}

/** Null where the program's folder is no repository, as in an image. */
async function commitOf(folder: string): Promise<string | null> {
  try {
    const git = async (...args: string[]) => (await execute('git', args, { cwd: folder })).stdout
    const commit = (await git('rev-parse', 'HEAD')).trim()
    const isChanged = (await git('status', '--porcelain')).trim() !== ''
    return isChanged ? `${commit} with changes` : commit
  } catch {
    return null
  }
}

/** As `PostgreSQL 18.4` or `CockroachDB CCL v26.2.5`: without the compiler that made it. */
async function databaseVersion(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string }>('select version() as version')
  return /^\D*\S+/.exec(row?.version ?? '')?.[0] ?? 'unknown'
}

/** Processor, cores, memory and load: what all figures of a run hang on. */
export function machineSaid(): string {
  const all = cpus()
  const model = all[0]?.model.trim() ?? 'unknown processor'
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const load = loadavg()[0]?.toFixed(1) ?? '?'
  return `${model}, ${all.length} cores, ${gibibytes} GiB, load ${load}`
}
