/** The ground of the measured drills: three regions on this machine, an arena at home in each. */
import { type Client, createClient } from '../../client/index.ts'
import type { SaleEvent } from '../onsale/fan.ts'
import { makeOrganiser, publishArena } from '../onsale/publish-arena.ts'
import {
  type DrillSystem,
  type DrillSystemOptions,
  openDrillSystem,
  type Sql,
} from './open-system.ts'

export type Authority = { readonly region: string; readonly epoch: number }

export type Drill = DrillSystem & {
  readonly organisation: string
  /** By the home region. */
  readonly events: Readonly<Record<string, SaleEvent>>
  /** A fan's, who stands in this place; the token may be of somebody else each time. */
  readonly clientAt: (place: string, token: string) => Client
  readonly authorityOf: (home: string) => Promise<Authority>
}

export type DrillOptions = Pick<DrillSystemOptions, 'environment' | 'latency' | 'log' | 'signal'>

/** @throws StartError, or the signal's reason */
export async function openDrill(options: DrillOptions): Promise<Drill> {
  const opened = await openDrillSystem(options)
  try {
    return { ...opened, ...(await arenasOn(opened)) }
  } catch (cause) {
    await opened[Symbol.asyncDispose]()
    throw cause
  }
}

async function arenasOn(opened: DrillSystem): Promise<Omit<Drill, keyof DrillSystem>> {
  const { names, region, token, admin, endpointsAt, sql } = opened
  const organisation = await makeOrganiser(await admin())
  const events: Record<string, SaleEvent> = {}
  for (const name of names) {
    const roles = { [organisation]: 'manager' }
    const own = await token({ name: 'drill-organiser', roles })
    const client = createClient({ endpoints: [region(name).url], token: own })
    events[name] = await publishArena(client, organisation)
  }
  return {
    organisation,
    events,
    clientAt: (place, own) => createClient({ endpoints: endpointsAt(place), token: own }),
    authorityOf: (home) => authorityOf(sql, home),
  }
}

async function authorityOf(sql: Sql, home: string): Promise<Authority> {
  const [row] = await sql<Authority>(
    'select server_region as region, epoch::int4 as epoch from authority where region = $1',
    [home],
  )
  if (row === undefined) throw new Error(`${home} has no authority`)
  return row
}
