/**
 * Several regions on this machine, and ways to look at them from outside: what every drill stands
 * on, whatever it sells. All of it is stopped and removed afterwards, whatever happens.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Client, createClient } from '../../client/index.ts'
import type { LinkControl } from '../../regions/local/links/link-control.ts'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import { type LocalOptions, type LocalSystem, startLocal } from '../../regions/local/start-local.ts'
import { fetchToken, type Identity, NotDrivableError } from '../onsale/identities.ts'

export type Sql = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** All that is read inside is of one moment. */
export type Snapshot = <Result>(read: (sql: Sql) => Promise<Result>) => Promise<Result>

export type DrillSystem = AsyncDisposable & {
  readonly system: LocalSystem
  readonly links: LinkControl
  readonly names: readonly string[]
  readonly region: (name: string) => DrillRegion
  /** Those that stand and are awake. */
  readonly living: () => readonly DrillRegion[]
  /** Past all links. */
  readonly sql: Sql
  readonly snapshot: Snapshot
  /** Of any region that answers. */
  readonly token: (identity: Identity) => Promise<string>
  /** Where a fan who stands in this place calls, the own region first. */
  readonly endpointsAt: (place: string) => readonly string[]
  /** A platform admin past all links. @param at any living region unless told */
  readonly admin: (at?: string) => Promise<Client>
}

export type DrillSystemOptions = Pick<
  LocalOptions,
  'latency' | 'commitLatency' | 'cockroach' | 'log' | 'signal'
> & {
  /** Of it, what programs need is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Settings of the servers beside what a local system sets. */
  readonly settings?: Readonly<Record<string, string>>
  /** 3 unless told. */
  readonly regions?: number
  /** Stays there afterwards; a temporary one, which goes, unless told. */
  readonly dataFolder?: string
  /** Modules that servers load first, made for a folder that lives as long as they do. */
  readonly preloadIn?: (folder: string) => NonNullable<LocalOptions['preload']>
}

/** Of our environment, what programs need. */
const passedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'NODE_OPTIONS',
  'COCKROACH_BINARY',
] as const
/** A server that sleeps takes the call and never answers. */
const tokenWithinMs = 3_000
/** Of our own connections, so that the database tells them from those of the servers. */
const applicationName = 'drill'

/** @throws StartError, or the signal's reason */
export async function openDrillSystem(options: DrillSystemOptions): Promise<DrillSystem> {
  const { environment: own, settings, dataFolder, regions = 3, preloadIn, ...rest } = options
  const temporary =
    dataFolder === undefined ? await mkdtemp(join(tmpdir(), 'frontrow-drill-')) : null
  const environment = {
    ...Object.fromEntries(passedOn.map((name) => [name, own[name]])),
    LOG_LEVEL: 'info',
    ...settings,
  }
  const started: LocalSystem[] = []
  const pools: pg.Pool[] = []
  const close = async () => {
    await Promise.all(pools.map((one) => one.end()))
    for (const one of started) await one.stop()
    if (temporary !== null) await rm(temporary, { recursive: true, force: true })
  }
  try {
    const folder = dataFolder ?? join(temporary ?? '', 'data')
    const preload = preloadIn?.(`${folder}-preload`) ?? (() => [])
    const system = await startLocal({ dataFolder: folder, environment, regions, preload, ...rest })
    started.push(system)
    const connectionString = system.databaseUrl
    const pool = new pg.Pool({ connectionString, max: 4, application_name: applicationName })
    pool.on('error', () => undefined)
    // One that breaks between being handed out and its next statement would end the process.
    pool.on('connect', (client) => client.on('error', () => undefined))
    pools.push(pool)
    return { ...viewOf(system, pool), [Symbol.asyncDispose]: close }
  } catch (cause) {
    await close()
    throw cause
  }
}

function viewOf(system: LocalSystem, pool: pg.Pool): Omit<DrillSystem, typeof Symbol.asyncDispose> {
  const { regions, links } = system
  if (links === null) throw new RangeError('a drill needs two regions or more')
  const names = Object.keys(regions)
  const region = (name: string): DrillRegion => {
    const found = regions[name]
    if (found === undefined) throw new RangeError(`there is no region ${name}`)
    return found
  }
  const living = () => names.map(region).filter(({ state }) => state === 'up')
  const token = (identity: Identity) => {
    return tokenOfAny(
      living().map(({ url }) => url),
      identity,
    )
  }
  return {
    system,
    links,
    names,
    region,
    living,
    sql: sqlOf(pool),
    snapshot: (read) => snapshotOf(pool, read),
    token,
    endpointsAt: (place) => endpointsAt(region(place)),
    admin: async (at) => {
      const asked = at === undefined ? living() : [region(at)]
      const endpoints = asked.map(({ url }) => url)
      return createClient({ endpoints, token: await token({ name: 'drill-root', admin: true }) })
    },
  }
}

export function sqlOf(asked: Pick<pg.Pool, 'query'>): Sql {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await asked.query<Row>(text, [...values])).rows
}

export async function snapshotOf<Result>(
  pool: pg.Pool,
  read: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('begin transaction isolation level repeatable read read only')
    const result = await read(sqlOf(client))
    await client.query('commit')
    client.release()
    return result
  } catch (cause) {
    // Not to be used again: nobody knows what its transaction has come to.
    client.release(true)
    throw cause
  }
}

/** The first that gives one. @throws NotDrivableError */
export async function tokenOfAny(urls: readonly string[], identity: Identity): Promise<string> {
  const causes: unknown[] = []
  for (const url of urls) {
    try {
      return await fetchToken(url, identity, AbortSignal.timeout(tokenWithinMs))
    } catch (cause) {
      causes.push(cause)
    }
  }
  throw new NotDrivableError('No region gives tokens.', { cause: new AggregateError(causes) })
}

/** The own region first, as a fan's page would name them; the client measures and chooses. */
function endpointsAt({ name, fanUrls }: DrillRegion): readonly string[] {
  const others = Object.entries(fanUrls).filter(([to]) => to !== name)
  return [fanUrls[name] ?? '', ...others.map(([, url]) => url)]
}
