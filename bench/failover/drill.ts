/**
 * The ground of every drill: three regions on this machine with an event at home in each, and ways
 * to look from outside. All of it is stopped and removed afterwards, whatever happens.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Client, createClient } from '../../client/index.ts'
import type { LinkControl } from '../../regions/local/links/link-control.ts'
import type { DrillRegion } from '../../regions/local/several/open-region.ts'
import { type LocalSystem, startLocal } from '../../regions/local/start-local.ts'
import type { SaleEvent } from '../onsale/fan.ts'
import { fetchToken, type Identity } from '../onsale/identities.ts'
import { makeOrganiser, publishArena } from '../onsale/publish-arena.ts'

export type Sql = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>

export type Authority = { readonly region: string; readonly epoch: number }

export type Drill = AsyncDisposable & {
  readonly system: LocalSystem
  readonly links: LinkControl
  readonly names: readonly string[]
  readonly organisation: string
  /** By the home region. */
  readonly events: Readonly<Record<string, SaleEvent>>
  /** Past all links. */
  readonly sql: Sql
  readonly region: (name: string) => DrillRegion
  /** Of any region that is up. */
  readonly token: (identity: Identity) => Promise<string>
  /** A fan's, who stands in this place; the token may be of somebody else each time. */
  readonly clientAt: (place: string, token: string) => Client
  readonly admin: () => Promise<Client>
  readonly authorityOf: (home: string) => Promise<Authority>
}

export type DrillOptions = {
  /** Of it, what programs need is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly latency?: boolean
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
}

/** Of our environment, what programs need. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS'] as const

/** @throws StartError, or the signal's reason */
export async function openDrill({ environment: own, ...options }: DrillOptions): Promise<Drill> {
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-drill-'))
  const environment = {
    ...Object.fromEntries(passedOn.map((name) => [name, own[name]])),
    LOG_LEVEL: 'info',
  }
  const started: LocalSystem[] = []
  const pool: pg.Pool[] = []
  const close = async () => {
    await Promise.all(pool.map((one) => one.end()))
    for (const one of started) await one.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const dataFolder = join(folder, 'data')
    const system = await startLocal({ dataFolder, environment, regions: 3, ...options })
    started.push(system)
    const database = new pg.Pool({ connectionString: system.databaseUrl, max: 4 })
    database.on('error', () => undefined)
    pool.push(database)
    return { ...(await groundOf(system, database)), [Symbol.asyncDispose]: close }
  } catch (cause) {
    await close()
    throw cause
  }
}

async function groundOf(
  system: LocalSystem,
  pool: pg.Pool,
): Promise<Omit<Drill, typeof Symbol.asyncDispose>> {
  const { regions, links } = system
  if (links === null) throw new Error('several regions have links')
  const names = Object.keys(regions)
  const region = (name: string): DrillRegion => {
    const found = regions[name]
    if (found === undefined) throw new RangeError(`there is no region ${name}`)
    return found
  }
  const sql: Sql = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<Row>(text, [...values])).rows
  const living = () => names.filter((name) => region(name).state === 'up')
  const token = (identity: Identity) => fetchToken(region(living()[0] ?? '').url, identity)
  const admin = async () => {
    const endpoints = living().map((name) => region(name).url)
    return createClient({ endpoints, token: await token({ name: 'drill-root', admin: true }) })
  }
  const organisation = await makeOrganiser(await admin())
  const events: Record<string, SaleEvent> = {}
  for (const name of names) {
    const roles = { [organisation]: 'manager' }
    const own = await token({ name: 'drill-organiser', roles })
    const client = createClient({ endpoints: [region(name).url], token: own })
    events[name] = await publishArena(client, organisation)
  }
  return {
    system,
    links,
    names,
    organisation,
    events,
    sql,
    region,
    token,
    admin,
    clientAt: (place, own) => createClient({ endpoints: endpointsAt(region(place)), token: own }),
    authorityOf: (home) => authorityOf(sql, home),
  }
}

/** The own region first, as a fan's page would name them; the client measures and chooses. */
function endpointsAt({ name, fanUrls }: DrillRegion): readonly string[] {
  const others = Object.entries(fanUrls).filter(([to]) => to !== name)
  return [fanUrls[name] ?? '', ...others.map(([, url]) => url)]
}

async function authorityOf(sql: Sql, home: string): Promise<Authority> {
  const [row] = await sql<Authority>(
    'select server_region as region, epoch::int4 as epoch from authority where region = $1',
    [home],
  )
  if (row === undefined) throw new Error(`${home} has no authority`)
  return row
}
