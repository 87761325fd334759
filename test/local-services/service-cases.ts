/** What every local service must survive, told once for all of them. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import type { ClaimedProcess } from '../../regions/local/claimed-process.ts'
import { findFreePort } from '../../regions/local/free-port.ts'
import { identityOf, isRunning } from '../../regions/local/process-identity.ts'
import { StartError } from '../../regions/local/start-error.ts'
import { eventually } from '../support/eventually.ts'
import { skipUnless } from '../support/skip.ts'
import { launch } from './killed-launcher.ts'

type Running = ClaimedProcess & { readonly url: string; readonly port: number }
type Start = (options: {
  readonly dataFolder: string
  readonly port?: number
  readonly log?: (line: string) => void
}) => Promise<Running>

export type ServiceCase = {
  readonly kind: 'postgres' | 'redis'
  readonly name: string
  readonly start: Start
  readonly write: (url: string, value: string) => Promise<void>
  readonly read: (url: string) => Promise<string | null>
}

export function newFolder(): string {
  return join(inject('services').folder, `local-${randomUUID()}`)
}

export function describeService({ kind, name, start, write, read }: ServiceCase): void {
  it('goes on with its data at a second start', async () => {
    const dataFolder = newFolder()
    const first = await start({ dataFolder })
    await write(first.url, 'kept')
    await first.stop()
    await using second = await start({ dataFolder })
    expect(await read(second.url)).toBe('kept')
  })

  it('goes on with what it acknowledged before it was killed', async () => {
    const dataFolder = newFolder()
    const first = await start({ dataFolder })
    await write(first.url, 'acknowledged')
    await first.kill()
    await using second = await start({ dataFolder, port: first.port })
    expect(second.url).toBe(first.url)
    expect(await read(second.url)).toBe('acknowledged')
  })

  it('stops when its launcher is killed', async () => {
    const dataFolder = newFolder()
    const launched = await launch(kind, dataFolder)
    await write(launched.url, 'kept')
    await launched.killLauncher()
    await eventually(() => !isRunning(launched.server), { what: `${name} has stopped` })
    await using second = await start({ dataFolder })
    expect(await read(second.url)).toBe('kept')
  })

  it('is stopped by the next start when nothing else was left of its launcher', async () => {
    const dataFolder = newFolder()
    const launched = await launch(kind, dataFolder)
    await write(launched.url, 'kept')
    await launched.killLauncherAndWatch()
    expect(isRunning(launched.server)).toBe(true)
    const told: string[] = []
    await using second = await start({ dataFolder, log: (line) => told.push(line) })
    expect(told).toEqual([
      `stopping the ${name} that an earlier start left running (${launched.server.pid})`,
    ])
    expect(isRunning(launched.server)).toBe(false)
    expect(await read(second.url)).toBe('kept')
  })

  it('starts again after everything was killed at once', async () => {
    const dataFolder = newFolder()
    const launched = await launch(kind, dataFolder)
    await write(launched.url, 'kept')
    process.kill(launched.server.pid, 'SIGSTOP')
    await launched.killLauncherAndWatch()
    process.kill(launched.server.pid, 'SIGKILL')
    await using second = await start({ dataFolder })
    expect(await read(second.url)).toBe('kept')
  })

  it('leaves a stranger alone who got a pid that its folder names', async () => {
    const dataFolder = newFolder()
    mkdirSync(dataFolder)
    const stranger = spawn('sleep', ['600'])
    const identity = identityOf(stranger.pid!)!
    const recycled = { pid: identity.pid, startedAt: 'long ago' }
    writeFileSync(
      join(dataFolder, 'running.json'),
      JSON.stringify({ owner: recycled, service: recycled }),
    )
    await using _ = await start({ dataFolder })
    expect(isRunning(identity)).toBe(true)
    stranger.kill()
  })

  it('runs twice side by side', async () => {
    await using one = await start({ dataFolder: newFolder() })
    await using other = await start({ dataFolder: newFolder() })
    await write(one.url, 'one')
    await write(other.url, 'other')
    expect(await read(one.url)).toBe('one')
    expect(await read(other.url)).toBe('other')
  })

  it('refuses a data folder that is in use, and leaves its user undisturbed', async () => {
    const dataFolder = newFolder()
    await using running = await start({ dataFolder })
    expect(await sentenceOf(start({ dataFolder }))).toBe(
      `The data folder ${dataFolder} is in use by process ${process.pid}: stop that one, or choose another data folder.`,
    )
    await write(running.url, 'undisturbed')
    expect(readFileSync(join(dataFolder, 'running.json'), 'utf8')).toContain(`"pid":${running.pid}`)
  })

  it('lets one of many simultaneous starts have the folder', async () => {
    const dataFolder = newFolder()
    const starts = await Promise.allSettled(
      Array.from({ length: 4 }, async () => await start({ dataFolder })),
    )
    const started = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(started.length).toBe(1)
    await started[0]?.stop()
  })

  it('names a taken port', async () => {
    const port = await findFreePort()
    const taker = createServer().listen(port, '127.0.0.1')
    const sentence = await sentenceOf(start({ dataFolder: newFolder(), port }))
    taker.close()
    expect(sentence).toBe(
      `${name} can't listen on 127.0.0.1:${port}: another program uses this port. Stop that program or choose another port.`,
    )
  })

  it('names a data folder that can not be used', async () => {
    const file = newFolder()
    writeFileSync(file, '')
    const dataFolder = join(file, 'data')
    expect(await sentenceOf(start({ dataFolder }))).toBe(
      `${name} can't keep its data in ${dataFolder}: a file stands in its way. Choose another data folder.`,
    )
  })

  it('names a data folder that this user may not write', async (context) => {
    skipUnless(context, process.getuid?.() === 0 ? 'root may write everywhere' : null)
    const closed = newFolder()
    mkdirSync(closed, { mode: 0o500 })
    const dataFolder = join(closed, 'data')
    expect(await sentenceOf(start({ dataFolder }))).toBe(
      `${name} can't keep its data in ${dataFolder}: this user may not write there. Choose another data folder.`,
    )
  })
}

/** The message of a refused start. A start that works, or breaks otherwise, fails the test. */
export async function sentenceOf(starting: Promise<AsyncDisposable>): Promise<string> {
  try {
    await (await starting)[Symbol.asyncDispose]()
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
  throw new Error('It started.')
}
