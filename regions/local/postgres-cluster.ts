/**
 * A PostgreSQL cluster on disk: made once below the data folder, kept over starts. It is made
 * aside and renamed, so that a start that is killed leaves either no cluster or a whole one. The
 * superuser's random password lies beside it, readable for its owner only.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keptSecret } from './kept-secret.ts'
import { type PostgresRunner, runnerCommand } from './postgres-account.ts'
import type { PostgresPrograms } from './postgres-program.ts'
import { StartError } from './start-error.ts'

export const superuser = 'frontrow'

export type ClusterPlan = {
  readonly dataFolder: string
  readonly clusterFolder: string
  readonly programs: PostgresPrograms
  readonly runner: PostgresRunner
  readonly durable: boolean
  readonly log: (line: string) => void
}

/** Makes the cluster if there is none. @returns the superuser's password. */
export async function prepareCluster(plan: ClusterPlan): Promise<string> {
  removeHalfMade(plan.dataFolder)
  if (!existsSync(plan.clusterFolder)) {
    plan.log(`making a PostgreSQL cluster in ${plan.dataFolder}`)
    await makeCluster(plan)
  }
  checkVersion(plan)
  return readPassword(plan)
}

async function makeCluster(plan: ClusterPlan): Promise<void> {
  const workFolder = join(plan.dataFolder, `new-${randomUUID()}`)
  const passwordFile = join(workFolder, 'password')
  mkdirSync(workFolder, { mode: 0o700 })
  const password = keptSecret(join(plan.dataFolder, 'password'))
  writeFileSync(passwordFile, password, { mode: 0o600 })
  const { account } = plan.runner
  if (account !== undefined) {
    for (const path of [workFolder, passwordFile]) chownSync(path, account.uid, account.gid)
  }
  await runInitdb(plan, workFolder)
  renameSync(join(workFolder, 'cluster'), plan.clusterFolder)
  rmSync(workFolder, { recursive: true, force: true })
}

async function runInitdb(plan: ClusterPlan, workFolder: string): Promise<void> {
  const { command, args, identity } = runnerCommand(plan.runner, plan.programs.initdb, [
    `--pgdata=${join(workFolder, 'cluster')}`,
    `--username=${superuser}`,
    `--pwfile=${join(workFolder, 'password')}`,
    '--auth=scram-sha-256',
    // Sorts by code point on every machine, as CockroachDB does.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--encoding=UTF8',
    '--no-instructions',
    ...(plan.durable ? [] : ['--no-sync']),
  ])
  try {
    await promisify(execFile)(command, [...args], {
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...identity,
    })
  } catch (cause) {
    throw new StartError(
      `PostgreSQL could not make its cluster in ${plan.dataFolder}: ${lastLineOf(cause)}.`,
      { cause },
    )
  }
}

function lastLineOf(error: unknown): string {
  const hasOutput = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string'
  const lines = hasOutput ? String(error.stderr).trim().split('\n') : []
  return lines.findLast((line) => line.includes('error:')) ?? lines.at(-1) ?? 'no reason was given'
}

function checkVersion(plan: ClusterPlan): void {
  const found = readFileSync(join(plan.clusterFolder, 'PG_VERSION'), 'utf8').trim()
  if (found === plan.programs.major) return
  throw new StartError(
    `The database in ${plan.dataFolder} was made by PostgreSQL ${found}, and this is ${plan.programs.major}: choose another data folder, or start with --fresh.`,
  )
}

function readPassword(plan: ClusterPlan): string {
  const file = join(plan.dataFolder, 'password')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new StartError(
      `The database's password in ${file} can't be read: put the file back, or choose another data folder.`,
      { cause },
    )
  }
}

function removeHalfMade(dataFolder: string): void {
  for (const entry of readdirSync(dataFolder)) {
    if (entry.startsWith('new-')) rmSync(join(dataFolder, entry), { recursive: true, force: true })
  }
}
