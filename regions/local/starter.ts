/**
 * Notices that whoever started this program is gone. npm runs a script through a shell: when npm
 * or the shell is killed, nobody tells the program, which would then run on unseen.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { commandLineOf, identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'

const lookEveryMs = 1_000

/** Calls `onGone` once. Never keeps the program alive. */
export function watchStarter(onGone: () => void): void {
  const parent = process.ppid
  const npm = npmBehind(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || isRunning(npm))) return
    clearInterval(timer)
    onGone()
  }, lookEveryMs)
  timer.unref()
}

/** The parent of the shell that npm started for us; without such a shell our parent is npm. */
function npmBehind(parent: number): ProcessIdentity | undefined {
  const isShell = / -c .*regions\/local\/start\.ts/.test(commandLineOf(parent) ?? '')
  return isShell ? identityOf(parentOf(parent)) : undefined
}

function parentOf(pid: number): number {
  try {
    if (process.platform !== 'linux') {
      return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name in parentheses: the state, then the parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
