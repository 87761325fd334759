/**
 * Runs one of the project's own programs as a child: logs into a file in its folder, ready when it
 * has printed its line of JSON with "listening", gone when the launcher is gone.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClaimedProcess, startClaimed } from './claimed-process.ts'
import { PortTakenError } from './free-port.ts'
import { type StopPlan, startProcess, stopProcess } from './process.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { StartError } from './start-error.ts'

/** A first start on an empty database of a slow disk. */
const readyWithinMs = 120_000
const abortStop: StopPlan = { signal: 'SIGTERM', withinMs: 500 }
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
/** A whole trace would hide the sentence; it stands in the log. */
const explanationCharactersMax = 1_500

export type NodeProgramPlan = {
  /** As a person reads it. */
  readonly name: string
  /** Relative to the project. */
  readonly script: string
  /** Another version's; this program's own folder unless told. */
  readonly project?: string
  /** Modules that are loaded before the script, for drills. */
  readonly preload?: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Holds the log; claimed while the program runs. */
  readonly folder: string
  readonly logName: string
  readonly stop: StopPlan
  readonly log: (line: string) => void
  /** Ends a start that is under way. */
  readonly signal: AbortSignal
}

export type NodeProgram = ClaimedProcess & {
  readonly announced: Readonly<Record<string, unknown>>
  readonly logFile: string
}

/** @throws PortTakenError | StartError with what the program said. */
export async function startNodeProgram(plan: NodeProgramPlan): Promise<NodeProgram> {
  const { name, folder: dataFolder, stop, log, project = projectFolder, preload = [] } = plan
  const logFile = join(dataFolder, plan.logName)
  return await startClaimed({ name, dataFolder, stop, log }, async (claim) => {
    let logStart = 0
    let abort: (() => void) | undefined
    const onSpawn = (service: ProcessIdentity) => {
      claim.recordService(service)
      logStart = statSync(logFile).size
      abort = () => void stopProcess(service, abortStop).catch(() => undefined)
      plan.signal.addEventListener('abort', abort)
    }
    const announced = () => announcementIn(readFileSync(logFile).subarray(logStart).toString())
    try {
      const running = await startProcess({
        name,
        command: process.execPath,
        args: [...imports(['tsx', ...preload]), join(project, plan.script), ...plan.args],
        logFile,
        // From here Node finds the loader.
        cwd: project,
        env: plan.env,
        stop,
        readyWithinMs,
        onSpawn,
        isReady: async () => announced() !== undefined,
        explainFailure: (text) => explain(name, text),
      })
      return { running, facts: { announced: announced() ?? {}, logFile } }
    } finally {
      if (abort !== undefined) plan.signal.removeEventListener('abort', abort)
    }
  })
}

function imports(modules: readonly string[]): string[] {
  return modules.flatMap((module) => ['--import', module])
}

function announcementIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const line = text.split('\n').find((one) => one.startsWith('{"listening":') && one.endsWith('}'))
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>)
}

/** Programs say in plain text what a person can mend; their log lines are JSON. */
function explain(name: string, text: string): Error | undefined {
  const takenPort = /[Pp]ort (\d+)\b.*\b(?:is taken|already in use)/.exec(text)?.[1]
  if (takenPort !== undefined) return new PortTakenError(name, Number(takenPort))
  const plain = text.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  const trace = plain.findIndex((line) => /^\s+at /.test(line))
  const words = (trace < 0 ? plain : plain.slice(0, trace)).join('\n')
  if (words === '') return undefined
  return new StartError(`${name} did not start: ${words.slice(0, explanationCharactersMax)}`)
}
