/**
 * Tells one process from every other, also from a later one with the same pid: pid and moment of
 * start. Nothing below regions/local signals a process that it did not start or recognise so.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type ProcessIdentity = {
  readonly pid: number
  /** Opaque; equal for two looks at one process, different for its successor under the same pid. */
  readonly startedAt: string
}

/** @returns undefined when no such process runs (a zombie does not run). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt
}

/** Stopped by a signal: it is there and does nothing. */
export function isAsleep(pid: number): boolean {
  const state =
    process.platform === 'linux'
      ? readOrUndefined(`/proc/${pid}/stat`)?.split(') ').at(-1)
      : ps(pid, 'state=')
  return state?.startsWith('T') === true
}

/** @returns program and arguments in one line, or undefined when they can't be read. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim()
  }
  return ps(pid, 'args=')
}

/** The process that runs this code. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid)
  if (identity === undefined) throw new Error('The own process can not be looked at.')
  return identity
}

function startFromProc(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The program's name stands in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const ticksSinceBoot = fields[19]
  if (state === 'Z' || state === 'X' || ticksSinceBoot === undefined) return undefined
  // Ticks start again at each boot, so the boot is part of the moment.
  return `${readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim()}/${ticksSinceBoot}`
}

function startFromPs(pid: number): string | undefined {
  if (ps(pid, 'state=')?.startsWith('Z')) return undefined
  return ps(pid, 'lstart=')
}

function ps(pid: number, format: string): string | undefined {
  try {
    const answer = execFileSync('ps', ['-ww', '-o', format, '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return answer === '' ? undefined : answer
  } catch {
    return undefined
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
