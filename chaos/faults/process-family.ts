/**
 * A process and its children, stopped and continued together: each backend of PostgreSQL leads a
 * process group of its own, so that signals to one group would not reach them all.
 */
import { execFileSync } from 'node:child_process'
import {
  identityOf,
  isRunning,
  type ProcessIdentity,
} from '../../regions/local/process-identity.ts'

/** Children of children, and those that were born while the first ones were stopped. */
const looksMax = 20

/** The parent first, so that it has no more children. @returns whom to continue */
export function stopFamily(parent: number): readonly ProcessIdentity[] {
  const stopped = new Map<number, ProcessIdentity>()
  for (let look = 0; look < looksMax; look += 1) {
    const fresh = familyOf(parent).filter((pid) => !stopped.has(pid))
    if (fresh.length === 0) break
    for (const pid of fresh) {
      const identity = identityOf(pid)
      if (identity !== undefined && signal(identity, 'SIGSTOP')) stopped.set(pid, identity)
    }
  }
  return [...stopped.values()]
}

/** The parent last: it finds its children as it left them. */
export function continueFamily(stopped: readonly ProcessIdentity[]): void {
  for (const identity of stopped.toReversed()) signal(identity, 'SIGCONT')
}

/** False also when it is gone. */
export function isStopped(pid: number): boolean {
  return rows().some((row) => row.pid === pid && row.state.startsWith('T'))
}

function familyOf(parent: number): readonly number[] {
  const all = rows()
  const found = [parent]
  for (const one of found) {
    for (const { pid, ppid } of all) if (ppid === one) found.push(pid)
  }
  return found
}

function rows(): readonly { pid: number; ppid: number; state: string }[] {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  const text = execFileSync('ps', ['-eo', 'pid=,ppid=,state='], { encoding: 'utf8', env })
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', ppid = '', state = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), ppid: Number(ppid), state }
    })
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false
  try {
    return process.kill(identity.pid, name)
  } catch {
    // Gone between the look and the signal.
    return false
  }
}
