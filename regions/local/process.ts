/**
 * Runs a server program as a child: output into a log file, ready when a check says so, and gone
 * when its parent is gone. Each child leads its own process group, so that a Ctrl-C reaches only
 * the launcher, which stops its children in order; a tiny shell watches the launcher through a
 * pipe and stops the child when the launcher dies without having done so. What outlives even the
 * kill of both is found again through the folder's claim.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'
import { codeOf, StartError } from './start-error.ts'
import { waitUntil } from './wait-until.ts'

/** A log this long is put aside (one generation) at the next start. */
const logBytesMax = 10_000_000
const killedWithinMs = 5_000

export type ProcessPlan = {
  /** As a person reads it in messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly cwd: string
  /** The whole environment; nothing is inherited when it is given. */
  readonly env?: Readonly<Record<string, string>>
  readonly account?: { readonly uid: number; readonly gid: number }
  readonly stop: StopPlan
  readonly isReady: () => Promise<boolean>
  readonly readyWithinMs: number
  /** Called at once after the spawn, before anything can go wrong. */
  readonly onSpawn: (identity: ProcessIdentity) => void
  /** What the log of a failed start means, if it is something known. */
  readonly explainFailure?: (log: string) => Error | undefined
}

export type StopPlan = {
  /** The signal for an orderly end; SIGKILL follows when it took longer than `withinMs`. */
  readonly signal: 'SIGINT' | 'SIGTERM'
  readonly withinMs: number
}

export type LocalProcess = {
  readonly pid: number
  /** Resolves when the process is gone, whatever the reason. Never rejects. */
  readonly exited: Promise<void>
  readonly stop: () => Promise<void>
  /** SIGKILL, for tests and drills; resolves when the process is gone. */
  readonly kill: () => Promise<void>
}

/** @throws StartError when the program ends or stays unready; nothing is left running then. */
export async function startProcess(plan: ProcessPlan): Promise<LocalProcess> {
  rotateLog(plan.logFile)
  const log = openSync(plan.logFile, 'a', 0o600)
  const logStart = statSync(plan.logFile).size
  let child: ChildProcess
  try {
    child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      detached: true,
      stdio: ['ignore', log, log],
      ...(plan.env === undefined ? {} : { env: plan.env }),
      ...plan.account,
    })
  } finally {
    closeSync(log)
  }
  const started = await follow(child, plan)
  const ready = await becomesReady(started, plan)
  if (ready) return started
  await started.stop()
  throw failureOf(plan, readFileSync(plan.logFile).subarray(logStart).toString('utf8'))
}

/** Ends a process that this program did not start itself but has recognised. */
export async function stopProcess(identity: ProcessIdentity, plan: StopPlan): Promise<void> {
  const gone = () => !isRunning(identity)
  signal(identity, plan.signal)
  if (await waitUntil(gone, plan.withinMs)) return
  signal(identity, 'SIGKILL')
  if (await waitUntil(gone, killedWithinMs)) return
  throw new StartError(`Process ${identity.pid} does not end, not even when killed.`)
}

async function follow(child: ChildProcess, plan: ProcessPlan): Promise<LocalProcess> {
  const { pid } = child
  if (pid === undefined) throw await spawnFailure(child, plan)
  const identity = identityOf(pid)
  if (identity !== undefined) plan.onSpawn(identity)
  const watch = watchParent(pid, plan.stop)
  let running = true
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false
      watch.kill('SIGKILL')
      resolve()
    })
  })
  const end = async (first: NodeJS.Signals): Promise<void> => {
    if (running) child.kill(first)
    if (await waitUntil(() => !running, plan.stop.withinMs)) return
    child.kill('SIGKILL')
    await exited
  }
  return { pid, exited, stop: () => end(plan.stop.signal), kill: () => end('SIGKILL') }
}

async function spawnFailure(child: ChildProcess, plan: ProcessPlan): Promise<Error> {
  const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
  return new StartError(`${plan.name} can't be started from ${plan.command}.`, { cause })
}

/** The shell reads from a pipe that only the parent holds: its end means that the parent is gone. */
const watchScript = `
read -r _
kill -s "$2" "$1" 2>/dev/null || exit 0
tenths=0
while kill -0 "$1" 2>/dev/null; do
  [ "$tenths" -ge "$3" ] && kill -s KILL "$1" && exit 0
  tenths=$((tenths + 1))
  sleep 0.1
done`

function watchParent(pid: number, plan: StopPlan): ChildProcess {
  const signalName = plan.signal.slice('SIG'.length)
  const args = [String(pid), signalName, String(Math.ceil(plan.withinMs / 100))]
  const watch = spawn('/bin/sh', ['-c', watchScript, 'frontrow-watch', ...args], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a watch everything works; only a killed launcher would leave its child to the next start.
  watch.on('error', () => undefined)
  watch.stdin.on('error', () => undefined)
  watch.unref()
  if (watch.stdin instanceof Socket) watch.stdin.unref()
  return watch
}

async function becomesReady(started: LocalProcess, plan: ProcessPlan): Promise<boolean> {
  let ended = false
  void started.exited.then(() => {
    ended = true
  })
  const settled = await waitUntil(async () => ended || (await plan.isReady()), plan.readyWithinMs)
  return settled && !ended
}

function failureOf(plan: ProcessPlan, log: string): Error {
  const known = plan.explainFailure?.(log)
  if (known !== undefined) return known
  const lastWords = log.trim().split('\n').at(-1) ?? ''
  const told = lastWords === '' ? '' : ` Its last words: ${lastWords.slice(0, 300)}.`
  return new StartError(`${plan.name} did not start.${told} More in ${plan.logFile}.`)
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return
  try {
    process.kill(identity.pid, name)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return
    throw new StartError(`Process ${identity.pid} belongs to another user and can't be stopped.`, {
      cause: error,
    })
  }
}

function rotateLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size > logBytesMax) renameSync(logFile, `${logFile}.1`)
}
