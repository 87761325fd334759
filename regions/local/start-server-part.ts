/** The regional server as a part of a local system: its settings, its start and its restarts. */
import { join } from 'node:path'
import { releaseAbandonedMigration } from './abandoned-migration.ts'
import { folderIn } from './data-folder.ts'
import { KeptService } from './kept-service.ts'
import { keepLocalKeys } from './local-keys.ts'
import { startNodeProgram } from './node-program.ts'
import type { Environment } from './outside-settings.ts'
import type { StopPlan } from './process.ts'
import type { Ground } from './start-parts.ts'

const name = 'The server'
/** Longer than the server itself gives the calls in flight. */
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 15_000 }
const defaultRegion = 'us-east1'
const defaultRegions = 'us-east1=use1,europe-west1=euw1,asia-southeast1=ase1'
const issuer = 'frontrow-local'
/** All fans of a trial come from one address. */
const generousLimits = {
  RATE_LIMIT_PER_CALLER: '100000',
  RATE_LIMIT_PER_ADDRESS: '10000000',
  RATE_LIMIT_PER_ORGANISATION: '1000000',
}
/** Settings that a local system makes itself, whatever the environment says. */
const ownSettings = [
  'HOST',
  'PORT',
  'METRICS_PORT',
  'TICKET_KEYS',
  'ACCESS_SIGNING_KEYS',
  'ACCESS_KEYS',
  'ACCESS_ISSUER',
  'HOLD_TOKEN_SECRET',
  'ACCOUNTS_SECRET',
  'ACCOUNTS_DIRECTORY_SECRET',
  'DEVELOPMENT_ISSUER_KEYS',
  'REGION_CALL_KEYS',
  'REGION_CALL_PUBLIC_KEYS',
  'EXIT_WITH_PARENT',
  'MIGRATE',
  'DRAIN_DELAY_MS',
] as const

export type ServerNeeds = {
  readonly databaseUrl: string
  readonly redisUrl: string | null
  readonly stripeSettings: Readonly<Record<string, string>>
  readonly mailSettings: Readonly<Record<string, string>>
  readonly region: string | undefined
}

export type ServerPart = {
  readonly url: string
  readonly metricsUrl: string
  readonly logFile: string
  readonly region: string
}

/** @throws StartError with what the server said. */
export async function startServerPart(ground: Ground, needs: ServerNeeds): Promise<ServerPart> {
  const { data, environment, outside, log, parts, ports } = ground
  const region = needs.region ?? (environment['REGION'] || defaultRegion)
  const env = {
    ...generousLimits,
    ...withoutOwnSettings(environment),
    ...keepLocalKeys(folderIn(data, 'keys', 0o700), region),
    REGION: region,
    REGIONS: environment['REGIONS'] || defaultRegions,
    HOST: '127.0.0.1',
    PORT: String(ports.http),
    METRICS_PORT: String(ports.metrics),
    ACCESS_ISSUER: issuer,
    DATABASE_URL: needs.databaseUrl,
    ...(needs.redisUrl === null ? {} : { REDIS_URL: needs.redisUrl }),
    ...needs.stripeSettings,
    ...needs.mailSettings,
  }
  const start = async (signal: AbortSignal) => {
    if (outside.databaseUrl === null) await releaseAbandonedMigration(needs.databaseUrl)
    const folder = join(data.path, 'server')
    const program = { name, script: 'server/main.ts', args: [], env, stop, log, signal }
    return startNodeProgram({ ...program, folder, logName: 'server.log' })
  }
  const first = await start(ground.signal)
  parts.add('server', new KeptService(first, { name, restart: start, log }))
  const { listening, metrics } = first.announced
  return { url: String(listening), metricsUrl: String(metrics), logFile: first.logFile, region }
}

function withoutOwnSettings(environment: Environment): Record<string, string> {
  const own = new Set<string>(ownSettings.flatMap((key) => [key, `${key}_FILE`]))
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) =>
      value === undefined || own.has(key) ? [] : [[key, value]],
    ),
  )
}
