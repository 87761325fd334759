/**
 * A regional server as a process of its own, for tests that kill it. It gets exactly the settings
 * that it is given and ends with the test's process.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
/** Crowded machines start a server slowly. */
const readyWithinMs = 60_000
const outputCharactersMax = 200_000

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export type ServerProcess = AsyncDisposable & {
  readonly url: string
  readonly metricsUrl: string
  /** SIGKILL; resolves when the process is gone. */
  readonly kill: () => Promise<void>
  readonly signal: (name: NodeJS.Signals) => void
  readonly exited: Promise<Exit>
  readonly hasEnded: () => boolean
  /** What it has logged. */
  readonly output: () => string
}

/** @throws Error with what the server said when it did not start */
export async function startServerProcess(
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    cwd: projectFolder,
    env: { PATH, HOME, ...settings, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said = collect(child)
  let exit: Exit | null = null
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal }
      resolve(exit)
    })
  })
  const announced = () => /^\{"listening":.*\}$/m.exec(said())?.[0]
  const kill = async () => {
    if (exit === null) child.kill('SIGKILL')
    await exited
  }
  try {
    await eventually(() => exit !== null || announced() !== undefined, {
      what: 'the server is ready',
      timeoutMs: readyWithinMs,
    })
  } catch (cause) {
    await kill()
    throw cause
  }
  const line = announced()
  if (line === undefined) throw new Error(`The server did not start:\n${said()}`)
  const { listening, metrics } = JSON.parse(line) as { listening: string; metrics: string }
  return {
    url: listening,
    metricsUrl: metrics,
    kill,
    signal: (name) => child.kill(name),
    exited,
    hasEnded: () => exit !== null,
    output: said,
    [Symbol.asyncDispose]: kill,
  }
}

/** The end of what the process prints; reading it keeps its pipes from filling up. */
function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (part: string) => {
      text = (text + part).slice(-outputCharactersMax)
    })
  }
  // The pipe breaks when the process is killed.
  child.stdin?.on('error', () => undefined)
  return () => text
}
