/**
 * A local Redis (or Valkey) over one data folder, on 127.0.0.1 only and with a password. Writes
 * reach the disk within a second; nothing is ever evicted, because a hold is not a cache entry.
 * Below the data folder: redis.conf, password, redis.log, running.json and Redis' own files.
 */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { type ClaimedProcess, startClaimed } from './claimed-process.ts'
import type { FolderClaim } from './folder-claim.ts'
import { PortTakenError, startOnPort } from './free-port.ts'
import { keptSecret } from './kept-secret.ts'
import { type LocalProcess, type StopPlan, startProcess } from './process.ts'
import { answerOf, findInTools, findOnPath, type ServerProgram } from './server-program.ts'

const name = 'Redis'
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 10_000 }
/** Reading a large append-only file takes its time. */
const readyWithinMs = 60_000
const pingWithinMs = 1_000
/** The hold scripts need what came with this version. */
const oldestMajor = 6

export type RedisOptions = {
  readonly dataFolder: string
  /** A free one unless given. */
  readonly port?: number
  /** False for throw-away servers: nothing is written to the disk then. */
  readonly durable?: boolean
  /** Hears one line for each fact worth telling. */
  readonly log?: (line: string) => void
}

export type LocalRedis = ClaimedProcess & {
  /** Holds a password: never log it. The same over starts on one folder and port. */
  readonly url: string
  readonly port: number
  readonly logFile: string
}

/** @returns the Redis or Valkey to use: the PATH's, else what `npm run setup` brought. */
export function findRedisServer(): ServerProgram | undefined {
  for (const program of ['redis-server', 'valkey-server']) {
    const found = identify(findOnPath(program), 'PATH')
    if (found !== undefined) return found
  }
  return identify(findInTools('redis', 'redis-server'), '.tools')
}

/**
 * @returns null when this machine has no Redis.
 * @throws StartError with one sentence for a person: taken port, folder in use, failed start.
 */
export async function startRedis(options: RedisOptions): Promise<LocalRedis | null> {
  const program = findRedisServer()
  if (program === undefined) return null
  const dataFolder = resolve(options.dataFolder)
  const durable = options.durable ?? true
  return await startClaimed({ name, dataFolder, stop, log: options.log }, async (claim) => {
    const password = keptSecret(join(dataFolder, 'password'))
    const ground = { program, dataFolder, claim, durable }
    const { port, running } = await startOnPort({ name, port: options.port }, async (onPort) => ({
      port: onPort,
      running: await startOnce(ground, { port: onPort, password }),
    }))
    const url = `redis://:${password}@127.0.0.1:${port}`
    return { running, facts: { url, port, logFile: join(dataFolder, 'redis.log') } }
  })
}

type Ground = {
  readonly program: ServerProgram
  readonly dataFolder: string
  readonly claim: FolderClaim
  readonly durable: boolean
}

type Access = { readonly port: number; readonly password: string }

async function startOnce(ground: Ground, access: Access): Promise<LocalProcess> {
  // A file rather than arguments: those are shown to every user of the machine.
  const configFile = join(ground.dataFolder, 'redis.conf')
  writeFileSync(configFile, configText(ground, access), { mode: 0o600 })
  return await startProcess({
    name,
    command: ground.program.path,
    args: [configFile],
    logFile: join(ground.dataFolder, 'redis.log'),
    cwd: ground.dataFolder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stop,
    readyWithinMs,
    onSpawn: ground.claim.recordService,
    isReady: async () => await answersPing(access),
    explainFailure: (log) =>
      log.includes('Address already in use') ? new PortTakenError(name, access.port) : undefined,
  })
}

/** @returns the configuration; paths are relative to the working folder, which is the data folder. */
function configText(ground: Ground, { port, password }: Access): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    'dir ./',
    'daemonize no',
    'databases 16',
    'maxmemory-policy noeviction',
    `appendonly ${ground.durable ? 'yes' : 'no'}`,
    'appendfsync everysec',
    // The append-only file holds everything; snapshots beside it would only cost forks.
    'save ""',
    '',
  ].join('\n')
}

/** A server that still loads its data answers with an error. */
async function answersPing({ port, password }: Access): Promise<boolean> {
  return await new Promise((resolvePing) => {
    const socket = connect({ host: '127.0.0.1', port })
    let answer = ''
    const settle = (isReady: boolean) => {
      socket.destroy()
      resolvePing(isReady)
    }
    socket.setTimeout(pingWithinMs, () => settle(false))
    socket.once('error', () => settle(false))
    socket.once('close', () => settle(false))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.split('\r\n').length > 2) settle(answer === '+OK\r\n+PONG\r\n')
    })
    socket.write(`AUTH ${password}\r\nPING\r\n`)
  })
}

function identify(
  path: string | undefined,
  where: ServerProgram['where'],
): ServerProgram | undefined {
  if (path === undefined) return undefined
  const version = /v=(\d+[.\d]*)/.exec(answerOf(path, ['--version']) ?? '')?.[1]
  if (version === undefined || Number.parseInt(version, 10) < oldestMajor) return undefined
  return { path, version, where }
}
