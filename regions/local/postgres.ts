/**
 * The embedded PostgreSQL: one server over one data folder, on 127.0.0.1 only, SERIALIZABLE by
 * default and durable unless it is a throw-away. A second start goes on with the data, also after
 * a kill of everything. Below the data folder: cluster/, password, postgres.log, running.json.
 */
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { type ClaimedProcess, startClaimed } from './claimed-process.ts'
import type { FolderClaim } from './folder-claim.ts'
import { PortTakenError, startOnPort } from './free-port.ts'
import { choosePostgresRunner, type PostgresRunner, runnerCommand } from './postgres-account.ts'
import { prepareCluster, superuser } from './postgres-cluster.ts'
import { clearPostgresLeftovers, readPostmasterFile } from './postgres-leftovers.ts'
import { findPostgresPrograms, type PostgresPrograms } from './postgres-program.ts'
import { postgresSettings } from './postgres-settings.ts'
import { type LocalProcess, type StopPlan, startProcess } from './process.ts'
import { StartError } from './start-error.ts'
import { waitUntil } from './wait-until.ts'

const name = 'PostgreSQL'
const database = 'frontrow'
/** SIGINT ends sessions and writes a checkpoint; SIGTERM would wait for the clients. */
const stop: StopPlan = { signal: 'SIGINT', withinMs: 20_000 }
/** Recovery after a kill during a heavy load takes its time. */
const readyWithinMs = 120_000
/** Backends of a killed server notice its death within moments. */
const leftoverBackendsWithinMs = 20_000

export type PostgresOptions = {
  readonly dataFolder: string
  /** A free one unless given. */
  readonly port?: number
  /** False only for throw-away clusters: nothing survives a power cut then. */
  readonly durable?: boolean
  /** Hears one line for each fact worth telling. */
  readonly log?: (line: string) => void
}

export type LocalPostgres = ClaimedProcess & {
  /** As the superuser, on the database `frontrow`. Holds a password: never log it. */
  readonly url: string
  readonly port: number
  readonly logFile: string
}

/** @throws StartError with one sentence for a person: taken port, folder in use, no way as root. */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const dataFolder = resolve(options.dataFolder)
  const programs = findPostgresPrograms()
  return await startClaimed({ name, dataFolder, stop, log: options.log }, async (claim) => {
    const server = await prepare({ dataFolder, programs, claim }, options)
    const { port, running } = await startOnPort({ name, port: options.port }, async (onPort) => ({
      port: onPort,
      running: await startServer(server, onPort),
    }))
    const url = `postgresql://${superuser}:${server.password}@127.0.0.1:${port}/${database}`
    await ensureDatabase(url).catch(async (error: unknown) => {
      await running.stop()
      throw error
    })
    return { running, facts: { url, port, logFile: logFileIn(dataFolder) } }
  })
}

type Ground = {
  readonly dataFolder: string
  readonly programs: PostgresPrograms
  readonly claim: FolderClaim
}

type Server = Ground & {
  readonly clusterFolder: string
  readonly runner: PostgresRunner
  readonly durable: boolean
  readonly password: string
}

async function prepare(ground: Ground, options: PostgresOptions): Promise<Server> {
  const { dataFolder, programs } = ground
  const log = options.log ?? (() => undefined)
  const clusterFolder = join(dataFolder, 'cluster')
  const runner = choosePostgresRunner({ program: programs.postgres, dataFolder, clusterFolder })
  const durable = options.durable ?? true
  const password = await prepareCluster({ ...ground, clusterFolder, runner, durable, log })
  await clearPostgresLeftovers(clusterFolder, { stop, log })
  return { ...ground, clusterFolder, runner, durable, password }
}

/** Tries again while backends of a killed predecessor still hold its shared memory. */
async function startServer(server: Server, port: number): Promise<LocalProcess> {
  let started: LocalProcess | undefined
  await waitUntil(async () => {
    try {
      started = await startOnce(server, port)
      return true
    } catch (error) {
      if (error instanceof LeftoverBackendsError) return false
      throw error
    }
  }, leftoverBackendsWithinMs)
  if (started === undefined) throw new LeftoverBackendsError(server.dataFolder)
  return started
}

async function startOnce(server: Server, port: number): Promise<LocalProcess> {
  const settings = postgresSettings({ port, durable: server.durable })
  const { command, args, identity } = runnerCommand(server.runner, server.programs.postgres, [
    '-D',
    server.clusterFolder,
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ])
  let pid = 0
  return await startProcess({
    name,
    command,
    args,
    logFile: logFileIn(server.dataFolder),
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(identity === undefined ? {} : { account: identity }),
    stop,
    readyWithinMs,
    onSpawn: (service) => {
      pid = service.pid
      server.claim.recordService(service)
    },
    // A stale file may say ready too, hence the pid.
    isReady: async () => {
      const file = readPostmasterFile(server.clusterFolder)
      return file?.pid === pid && file.isReady
    },
    explainFailure: (logged) => explain(logged, server.dataFolder, port),
  })
}

function explain(logged: string, dataFolder: string, port: number): Error | undefined {
  if (logged.includes('Address already in use')) return new PortTakenError(name, port)
  if (logged.includes('pre-existing shared memory block'))
    return new LeftoverBackendsError(dataFolder)
  return undefined
}

class LeftoverBackendsError extends StartError {
  constructor(dataFolder: string) {
    super(
      `Sessions of an earlier PostgreSQL on ${dataFolder} are still running: end the processes named postgres that use it.`,
    )
  }
}

function logFileIn(dataFolder: string): string {
  return join(dataFolder, 'postgres.log')
}

async function ensureDatabase(url: string): Promise<void> {
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  const client = new Client({ connectionString: maintenance.href })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1::text', [
      database,
    ])
    if (found.rowCount === 0) await client.query(`create database ${database}`)
  } finally {
    await client.end()
  }
}
