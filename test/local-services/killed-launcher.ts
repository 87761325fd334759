/** Starts a service from a launcher of its own, to be killed in different ways. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { identityOf, type ProcessIdentity } from '../../regions/local/process-identity.ts'

export type Launched = {
  readonly url: string
  readonly server: ProcessIdentity
  /** SIGKILL for the launcher alone. */
  readonly killLauncher: () => Promise<void>
  /** SIGKILL for the launcher and for the shell that watches it: only the server is left. */
  readonly killLauncherAndWatch: () => Promise<void>
}

export async function launch(service: 'postgres' | 'redis', dataFolder: string): Promise<Launched> {
  const program = fileURLToPath(new URL('launcher.ts', import.meta.url))
  const launcher = spawn(process.execPath, ['--import', 'tsx', program, service, dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { url, pid } = await firstLine(launcher)
  const server = identityOf(pid)
  if (server === undefined) throw new Error('the launched server does not run')
  const killLauncher = async () => {
    const gone = once(launcher, 'exit')
    launcher.kill('SIGKILL')
    await gone
  }
  const killLauncherAndWatch = async () => {
    for (const watch of watchesOf(pid)) process.kill(watch, 'SIGKILL')
    await killLauncher()
  }
  return { url, server, killLauncher, killLauncherAndWatch }
}

async function firstLine(launcher: ChildProcess): Promise<{ url: string; pid: number }> {
  for await (const line of createInterface({ input: launcher.stdout! })) {
    return JSON.parse(line) as { url: string; pid: number }
  }
  throw new Error('the launcher ended without a word')
}

function watchesOf(pid: number): readonly number[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
  return processes
    .split('\n')
    .filter((line) => line.includes(`frontrow-watch ${pid} `))
    .map((line) => Number.parseInt(line, 10))
}
