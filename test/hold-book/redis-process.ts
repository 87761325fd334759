/** A redis-server of one's own on a free port, which can be killed and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { openRedis, whenReady } from '../../server/gateways/redis-hold-book/connection.ts'

export type RedisProcess = AsyncDisposable & {
  readonly url: string
  readonly version: string
  /** Ends it at once; what it knew is gone. */
  kill(): Promise<void>
  /** Starts it again, empty, at the same address. */
  start(): Promise<void>
}

const local = new URL('../../.tools/redis/redis-server', import.meta.url).pathname

/** The server to run: of the PATH, or of `npm run setup`; null when there is none. */
export function findRedisServer(): string | null {
  for (const command of ['redis-server', local]) {
    if (command === local && !existsSync(local)) continue
    if (spawnSync(command, ['--version']).status === 0) return command
  }
  return null
}

export async function startRedis(): Promise<RedisProcess> {
  const command = findRedisServer()
  if (command === null) throw new Error('no redis-server: npm run setup fetches one')
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const start = async () => {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    child = spawn(command, args, { stdio: 'ignore' })
    const probe = openRedis({ url, onError: () => undefined })
    await whenReady(probe, 10_000).finally(() => probe.disconnect())
  }
  const kill = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await start()
  const version = /v=(\S+)/.exec(String(spawnSync(command, ['--version']).stdout))?.[1] ?? ''
  return { url, version, start, kill, [Symbol.asyncDispose]: kill }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
