/** The settings of a regional server of a local system: what the environment says, and what we say. */
import { type DataFolder, folderIn } from './data-folder.ts'
import { keepLocalKeys } from './local-keys.ts'
import type { ServerPorts } from './local-ports.ts'
import type { Environment } from './outside-settings.ts'

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

/** What a server works with, whichever region it stands in. */
export type ServerNeeds = {
  readonly databaseUrl: string
  readonly redisUrl: string | null
  readonly stripeSettings: Readonly<Record<string, string>>
  readonly mailSettings: Readonly<Record<string, string>>
}

export type ServerPlace = {
  readonly region: string
  /** As REGIONS takes them. */
  readonly regions: string
  readonly ports: ServerPorts
  /** Names of the regions when each has a server here; none: this one is alone. */
  readonly beside: readonly string[]
}

export function serverSettings(
  ground: { readonly data: DataFolder; readonly environment: Environment },
  place: ServerPlace,
  needs: ServerNeeds,
): Record<string, string> {
  const keys = folderIn(ground.data, 'keys', 0o700)
  return {
    ...generousLimits,
    ...withoutOwnSettings(ground.environment),
    ...keepLocalKeys(keys, place.region, place.beside),
    REGION: place.region,
    REGIONS: place.regions,
    HOST: '127.0.0.1',
    PORT: String(place.ports.http),
    METRICS_PORT: String(place.ports.metrics),
    ACCESS_ISSUER: issuer,
    DATABASE_URL: needs.databaseUrl,
    ...(needs.redisUrl === null ? {} : { REDIS_URL: needs.redisUrl }),
    ...needs.stripeSettings,
    ...needs.mailSettings,
  }
}

function withoutOwnSettings(environment: Environment): Record<string, string> {
  const own = new Set<string>(ownSettings.flatMap((key) => [key, `${key}_FILE`]))
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) =>
      value === undefined || own.has(key) ? [] : [[key, value]],
    ),
  )
}
