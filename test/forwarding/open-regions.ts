/**
 * Servers of several regions in this process, on one database, each with a key of its own for its
 * calls to the others. Who has which authority is told by hand, as the keeper of leases would.
 */
import { generateKeyPairSync } from 'node:crypto'
import { findFreePort } from '../../regions/local/free-port.ts'
import { type Config, readConfig } from '../../server/config.ts'
import type { Topology } from '../../server/platform/topology.ts'
import { type RunningServer, startServer } from '../../server/start-server.ts'
import { type StripeSimulator, startStripeSimulator } from '../../stripe-simulator/simulator.ts'
import { Closers } from '../support/closers.ts'
import { createTestDatabase } from '../support/database.ts'
import { goldenRegions } from '../support/golden.ts'
import { createTestRedis } from '../support/redis.ts'
import {
  type Api,
  apiAt,
  control,
  freshSettings,
  newEvent,
  openFixtures,
  openHall,
  type Sql,
  tokenFor,
  webhookSecret,
} from '../support/sale-system.ts'

export const us = 'us-east1'
export const eu = 'europe-west1'
export const asia = 'asia-southeast1'

export type OpenedRegion = RunningServer & { readonly config: Config }

export type Regions = AsyncDisposable & {
  readonly at: (region: string) => OpenedRegion
  readonly stop: (region: string) => Promise<void>
  /** A fan of this name who asks the server of this region. */
  readonly fan: (region: string, name: string) => Promise<Api>
  readonly tokenOf: (name: string) => Promise<string>
  /** On sale at its home, the first of the regions. */
  readonly newEvent: () => Promise<string>
  /** On sale with the home where it was made. */
  readonly newEventAt: (region: string) => Promise<string>
  readonly sql: Sql
  readonly simulator: StripeSimulator
  /** Moves the authority in the database, as a takeover does; no server is told. @returns the epoch */
  readonly moveRow: (home: string, to: string) => Promise<number>
}

export type RegionsOptions = {
  /** Leases are kept as in earnest; else each keeper looks once, and the rest is told by hand. */
  readonly isKept?: boolean
  /** The SQL book, which all regions share, unless told; else each has a Redis of its own. */
  readonly book?: 'sql' | 'redis'
  readonly names?: readonly string[]
  /** Where others find a region's server, given its real address: proxies, dead ports. */
  readonly internalUrls?: (region: string, url: string) => readonly string[] | Promise<string[]>
  readonly settings?: Readonly<Record<string, string>>
  /** The others know another key of this region than the one it signs with. */
  readonly unknown?: string
}

const keptLease = { lengthMs: 3_000, heartbeatMs: 1_000 }

export async function openRegions(options: RegionsOptions = {}): Promise<Regions> {
  const names = options.names ?? [us, eu]
  const closers = new Closers()
  return closers.opening(async () => {
    const database = closers.use(await createTestDatabase())
    const simulator = closers.use(await startStripeSimulator())
    const ports = new Map(await Promise.all(names.map(portFor)))
    const topology = await topologyOf(ports, options)
    const configs = await settingsFor(names, options.unknown, {
      DATABASE_URL: database.url,
      STRIPE_API_URL: simulator.url,
      ...options.settings,
    })
    const servers = new Map<string, OpenedRegion>()
    for (const [region, settings] of configs) {
      const redis = options.book === 'redis' ? closers.use(await createTestRedis()) : null
      const book = redis === null ? {} : { REDIS_URL: redis.url }
      const settled = readConfig({ ...settings, ...book, PORT: String(ports.get(region)) })
      const config = { ...settled, topology }
      const server = await startServer(config)
      let stopped: Promise<void> | null = null
      const stop = () => (stopped ??= server.stop())
      closers.defer(stop)
      servers.set(region, { ...server, stop, config })
    }
    const at = (region: string) => {
      const server = servers.get(region)
      if (server === undefined) throw new Error(`there is no server in ${region}`)
      return server
    }
    const [first = us] = servers.keys()
    const url = `${at(first).url}/webhooks/stripe`
    await control(simulator, 'webhook-endpoints', { url, secret: webhookSecret, events: ['*'] })
    const pool = openFixtures(database.url)
    closers.defer(() => pool.end())
    const sql: Sql = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows
    const tokenOf = (name: string) => tokenFor(at(first).url, { name })
    const newEventAt = async (region: string) => newEvent(await openHall(at(region).url), {})
    return {
      at,
      stop: (region) => at(region).stop(),
      tokenOf,
      newEventAt,
      newEvent: () => newEventAt(first),
      fan: async (region, name) => apiAt(at(region).url, await tokenOf(name)),
      sql,
      simulator,
      moveRow: (home, to) => moveRow(sql, home, to),
      [Symbol.asyncDispose]: () => closers.close(),
    }
  })
}

async function portFor(region: string): Promise<[string, number]> {
  return [region, await findFreePort()]
}

async function topologyOf(
  ports: ReadonlyMap<string, number>,
  options: RegionsOptions,
): Promise<Topology> {
  const regions = [...ports].map(async ([name, port]) => {
    const url = `http://127.0.0.1:${port}`
    return {
      name,
      code: goldenRegions.find((region) => region.name === name)?.code ?? '',
      publicUrl: url,
      internalUrls: (await options.internalUrls?.(name, url)) ?? [url],
      latitude: 0,
      longitude: 0,
      standIns: [...ports.keys()].filter((other) => other !== name),
    }
  })
  // Each keeper looks once, when its server starts: it knows those that started before. After that
  // a test tells who has what.
  const lease = options.isKept ? keptLease : { lengthMs: 3_600_000, heartbeatMs: 1_800_000 }
  return { regions: await Promise.all(regions), lease, roundTripsMs: {} }
}

/** Regions share all secrets but the keys by which they know each other. */
async function settingsFor(
  names: readonly string[],
  unknown: string | undefined,
  own: Readonly<Record<string, string>>,
) {
  const shared = { ...(await freshSettings()), ...own }
  const keys = new Map(names.map((name) => [name, newKey(name)]))
  const shownTo = (viewer: string) =>
    [...keys].map(([name, key]) => {
      const isUnknown = name === unknown && viewer !== name
      const { d: _, ...shown } = isUnknown ? newKey(name) : key
      return [name, { keys: [shown] }]
    })
  const settings = names.map(async (name) => {
    const of = {
      ...shared,
      REGION: name,
      METRICS_PORT: String(await findFreePort()),
      REGION_CALL_KEYS: JSON.stringify({ keys: [keys.get(name)] }),
      REGION_CALL_PUBLIC_KEYS: JSON.stringify(Object.fromEntries(shownTo(name))),
    }
    return [name, of] as const
  })
  return Promise.all(settings)
}

function newKey(kid: string) {
  return { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid }
}

async function moveRow(sql: Sql, home: string, to: string): Promise<number> {
  const [row] = await sql<{ epoch: number }>(
    'update authority set server_region = $2, epoch = epoch + 1 where region = $1 returning epoch::int4',
    [home, to],
  )
  if (row === undefined) throw new Error(`${home} has no authority`)
  return row.epoch
}

/** What a server passed on, as its metrics say: `us-east1 answered` by how often. */
export async function forwardedBy({
  metricsUrl,
}: Pick<RunningServer, 'metricsUrl'>): Promise<Record<string, number>> {
  const text = await (await fetch(metricsUrl)).text()
  const pattern = /^frontrow_forwarded_total\{region="(.*)",outcome="(.*)"\} (\d+)/gm
  const lines = [...text.matchAll(pattern)]
  return Object.fromEntries(
    lines.map(([, region, outcome, count]) => [`${region} ${outcome}`, Number(count)]),
  )
}

export type RawAnswer = {
  readonly status: number
  readonly body: string
  readonly headers: Headers
}

/** A call as any HTTP client sends it, with nothing of tRPC's client around it. */
export async function rawCall(
  url: string,
  call: {
    readonly token?: string
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
  },
): Promise<RawAnswer> {
  const { token, body } = call
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...call.headers,
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const request = body === undefined ? { headers } : { method: 'POST', headers, body: text }
  const response = await fetch(url, request)
  return { status: response.status, body: await response.text(), headers: response.headers }
}
