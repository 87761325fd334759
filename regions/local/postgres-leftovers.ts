/**
 * What a killed PostgreSQL leaves in its cluster: the lock file postmaster.pid. It may name a
 * server that still runs (it is stopped), nobody, or a stranger who got the pid since (PostgreSQL
 * would refuse to start). Strangers are never signalled.
 */
import {
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type StopPlan, stopProcess } from './process.ts'
import { commandLineOf, identityOf, type ProcessIdentity } from './process-identity.ts'
import { StartError } from './start-error.ts'

export type PostmasterFile = { readonly pid: number; readonly isReady: boolean }

/** Line 1 holds the server's pid, line 8 its state. */
export function readPostmasterFile(clusterFolder: string): PostmasterFile | undefined {
  const lines = readLines(join(clusterFolder, 'postmaster.pid'))
  if (lines === undefined) return undefined
  return { pid: Number(lines[0]), isReady: lines[7]?.trim() === 'ready' }
}

/** Leaves a cluster on which a server can be started; `log` hears what had to be done. */
export async function clearPostgresLeftovers(
  clusterFolder: string,
  options: { readonly stop: StopPlan; readonly log: (line: string) => void },
): Promise<void> {
  const found = readPostmasterFile(clusterFolder)
  if (found === undefined) return
  const identity = identityOf(found.pid)
  if (identity !== undefined && isServerOf(identity, clusterFolder)) {
    options.log(`stopping the PostgreSQL that an earlier start left running (${identity.pid})`)
    await stopProcess(identity, options.stop)
    return
  }
  disownPostmasterFile(clusterFolder)
}

function isServerOf({ pid }: ProcessIdentity, clusterFolder: string): boolean {
  const commandLine = commandLineOf(pid)
  if (commandLine === undefined) {
    throw new StartError(
      `${clusterFolder}/postmaster.pid names process ${pid}, which can't be looked at: stop it if it is PostgreSQL, else delete that file.`,
    )
  }
  const isHere = [clusterFolder, realpathSync(clusterFolder)].some((folder) =>
    commandLine.includes(` -D ${folder} `),
  )
  return isHere && /(^|\/)postgres /.test(commandLine)
}

/**
 * Puts our own pid in the place of the stranger, or of a dead server that still is a zombie, which
 * PostgreSQL takes for a living one. It never takes its parent for a rival, and goes on to the
 * shared memory that the file names: so a surviving backend is still noticed, which deleting the
 * file would prevent.
 */
function disownPostmasterFile(clusterFolder: string): void {
  const file = join(clusterFolder, 'postmaster.pid')
  const [, ...rest] = readLines(file) ?? []
  const aside = `${file}.new`
  const { mode, uid, gid } = statSync(file)
  rmSync(aside, { force: true })
  writeFileSync(aside, [String(process.pid), ...rest].join('\n'), { mode, flag: 'wx' })
  chownSync(aside, uid, gid)
  renameSync(aside, file)
}

function readLines(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return undefined
  }
}
