/**
 * What the server works with, each part either started here or given by the environment: the
 * database, the hold book and the place to pay. Every part that is started is kept running.
 */
import { join } from 'node:path'
import { type DataFolder, folderIn } from './data-folder.ts'
import { startOnPort } from './free-port.ts'
import { keptSecret } from './kept-secret.ts'
import { KeptService } from './kept-service.ts'
import { type NodeProgram, startNodeProgram } from './node-program.ts'
import type { Environment, OutsideSettings } from './outside-settings.ts'
import { startPostgres } from './postgres.ts'
import type { StopPlan } from './process.ts'
import { findRedisServer, type LocalRedis, startRedis } from './redis.ts'
import type { RunningParts } from './running-parts.ts'
import { type CockroachWish, startCockroachPart } from './start-cockroach-part.ts'
import { StartError } from './start-error.ts'

/** What all parts stand on. */
export type Ground = {
  readonly data: DataFolder
  readonly environment: Environment
  readonly outside: OutsideSettings
  /** Where Stripe tells what happened. */
  readonly webhookUrl: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
  /** Where a part is entered as soon as it runs. */
  readonly parts: RunningParts
  /** CockroachDB in the place of PostgreSQL. */
  readonly cockroach: CockroachWish | null
}

/** `said`: one line for a person. */
export type StartedPart<Url> = { readonly url: Url; readonly said: string }

export async function startDatabase(ground: Ground): Promise<StartedPart<string>> {
  const { data, outside, log, parts, cockroach } = ground
  if (cockroach !== null) return await startCockroachPart(ground, cockroach)
  if (outside.databaseUrl !== null) {
    return { url: outside.databaseUrl, said: 'as DATABASE_URL says' }
  }
  const options = { dataFolder: join(data.path, 'postgres'), log }
  const first = await startPostgres(options)
  const restart = () => startPostgres({ ...options, port: first.port })
  parts.add('postgres', new KeptService(first, { name: 'PostgreSQL', restart, log }))
  return { url: first.url, said: `PostgreSQL on port ${first.port}` }
}

/** Without any Redis holds are kept in SQL. */
export async function startHolds(ground: Ground): Promise<StartedPart<string | null>> {
  const { data, outside, log, parts } = ground
  if (outside.redisUrl !== null) return { url: outside.redisUrl, said: 'Redis, as REDIS_URL says' }
  const options = { dataFolder: join(data.path, 'redis'), log }
  const program = findRedisServer()
  const first = await startRedis(options)
  if (first === null || program === undefined) {
    return { url: null, said: 'kept in SQL: no redis-server here (npm run setup brings one)' }
  }
  const restart = async () => theSame(await startRedis({ ...options, port: first.port }))
  parts.add('redis', new KeptService(first, { name: 'Redis', restart, log }))
  return { url: first.url, said: `Redis ${program.version} on port ${first.port}` }
}

function theSame(redis: LocalRedis | null): LocalRedis {
  if (redis === null) throw new StartError('redis-server is gone from this machine.')
  return redis
}

/** The settings with which the server reaches Stripe, beside those of the environment. */
export type Payments = StartedPart<string | null> & {
  readonly settings: Readonly<Record<string, string>>
}

const simulatorName = 'The Stripe simulator'
const simulatorStop: StopPlan = { signal: 'SIGTERM', withinMs: 5_000 }

export async function startPayments(ground: Ground): Promise<Payments> {
  const { data, outside, log, parts, signal } = ground
  if (outside.stripe) return { url: null, said: 'Stripe, as STRIPE_SECRET_KEY says', settings: {} }
  folderIn(data, 'stripe')
  const secret = `whsec_${keptSecret(join(folderIn(data, 'keys', 0o700), 'webhook-secret'))}`
  const start = (port: number, until: AbortSignal) =>
    startSimulator(ground, { port, secret, signal: until })
  const { port, first } = await startOnPort(
    { name: simulatorName, port: undefined },
    async (onPort) => ({ port: onPort, first: await start(onPort, signal) }),
  )
  const restart = (until: AbortSignal) => start(port, until)
  parts.add('stripeSimulator', new KeptService(first, { name: simulatorName, restart, log }))
  const url = `http://127.0.0.1:${port}`
  const settings = {
    // The simulator takes any key of a test account.
    STRIPE_SECRET_KEY: 'sk_test_simulator',
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_API_URL: url,
  }
  return { url, said: `a simulator of Stripe at ${url}`, settings }
}

type SimulatorWish = {
  readonly port: number
  readonly secret: string
  readonly signal: AbortSignal
}

function startSimulator(ground: Ground, wish: SimulatorWish): Promise<NodeProgram> {
  const { data, environment, webhookUrl, log } = ground
  const folder = join(data.path, 'stripe')
  return startNodeProgram({
    name: simulatorName,
    script: 'stripe-simulator/main.ts',
    args: [
      `--port=${wish.port}`,
      `--data=${join(folder, 'journal')}`,
      `--webhook-url=${webhookUrl}`,
      `--webhook-secret=${wish.secret}`,
    ],
    env: everyProgramNeeds(environment),
    folder,
    logName: 'stripe-simulator.log',
    stop: simulatorStop,
    log,
    signal: wish.signal,
  })
}

const neededNames = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS'] as const

/** Of the environment, what any program needs to run. */
export function everyProgramNeeds(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    neededNames.flatMap((key) => {
      const value = environment[key]
      return value === undefined ? [] : [[key, value]]
    }),
  )
}
