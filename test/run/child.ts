/** Runs one program to its end with its output passed on, within a deadline. */
import { spawn } from 'node:child_process'
import { projectRoot } from '../tidy/source.ts'

export type Command = {
  readonly program: string
  readonly parameters: readonly string[]
  /** Beside this process's own; undefined takes a name away. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly deadlineMs: number
}

/** After being asked to stop, a program may tidy up this long. */
const graceMs = 10_000

/** Resolves to null when all went well, else to what did not. */
export async function run(command: Command): Promise<string | null> {
  const child = spawn(command.program, command.parameters, {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...plainWhenJudged(process.env), ...command.environment },
  })
  let late = false
  const deadline = setTimeout(() => {
    late = true
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
  }, command.deadlineMs)
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGTERM', pass)
  const ending = await new Promise<string | null>((resolve) => {
    child.on('error', (cause) => resolve(cause.message))
    child.on('exit', (code, signal) => resolve(code === 0 ? null : `ended with ${signal ?? code}`))
  })
  clearTimeout(deadline)
  process.off('SIGTERM', pass)
  return late ? `not done after ${command.deadlineMs / 60_000} minutes` : ending
}

/** A log that a machine keeps has no colours. */
function plainWhenJudged(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (environment['CI'] !== 'true') return environment
  const { FORCE_COLOR: _, ...rest } = environment
  return { ...rest, NO_COLOR: '1' }
}
