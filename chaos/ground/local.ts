/**
 * The local target: real processes of several regions on this machine, with halls on sale at home in
 * each, and a record of every change where the database can keep one.
 */
import { join } from 'node:path'
import {
  type DrillSystem,
  type DrillSystemOptions,
  openDrillSystem,
} from '../../bench/failover/open-system.ts'
import { makeOrganiser } from '../../bench/onsale/publish-arena.ts'
import { publishShow } from '../../bench/onsale/publish-show.ts'
import { createClient } from '../../client/index.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import { installVersions } from '../evidence/versions.ts'
import type { FaultMaker } from '../faults/fault-maker.ts'
import type { Ground } from './ground.ts'
import { drawHall, factsOf, hallTerms } from './hall.ts'
import { programVersions } from './program-versions.ts'

export type LocalGroundOptions = DrillSystemOptions & {
  /** Of the halls. */
  readonly seed: number
  /** 1 unless told. */
  readonly eventsPerHome?: number
  /** False: no record of changes is kept, as where the database cannot. */
  readonly versions?: boolean
  readonly makeFaults: (system: LocalSystem) => FaultMaker
}

export type LocalGround = Ground & {
  readonly system: LocalSystem
}

const metricsWithinMs = 2_000

const venue = {
  key: 'drill-venue',
  name: 'Drill Hall',
  timeZone: 'Europe/London',
  address: '2 Foundry Lane',
  city: 'London',
  country: 'GB',
  latitude: 51.5136,
  longitude: -0.0756,
}

/** @throws StartError, NotDrivableError, or the signal's reason */
export async function openLocalGround(options: LocalGroundOptions): Promise<LocalGround> {
  const { seed, eventsPerHome = 1, versions = true, makeFaults, ...wish } = options
  const opened = await openDrillSystem(wish)
  try {
    const { system, names, sql } = opened
    const faults = makeFaults(system)
    const hasVersions = versions && (await installVersions(sql))
    const organisation = await makeOrganiser(await opened.admin())
    const publishEvent = publisher(opened, { seed, organisation })
    const events: EventFacts[] = []
    for (let round = 0; round < eventsPerHome; round += 1) {
      for (const home of names) events.push(await publishEvent(home))
    }
    return {
      ...opened,
      target: 'local',
      regions: names,
      organisation,
      events,
      publishEvent,
      stripeUrl: system.stripeUrl ?? '',
      faults,
      hasVersions,
      metrics: (region) => metricsOf(opened.region(region).metricsUrl),
      versions: () => programVersions(sql),
      logs: logsOf(opened),
    }
  } catch (cause) {
    await opened[Symbol.asyncDispose]()
    throw cause
  }
}

/** At home is an event where it is made. */
function publisher(
  { region, token }: DrillSystem,
  { seed, organisation }: { readonly seed: number; readonly organisation: string },
): (home: string) => Promise<EventFacts> {
  let made = 0
  return async (home) => {
    const hall = drawHall(seed, made)
    made += 1
    const roles = { [organisation]: 'manager' }
    const own = await token({ name: 'drill-organiser', roles })
    const client = createClient({ endpoints: [region(home).url], token: own })
    const show = {
      name: `Drill ${seed}.${made}`,
      description: 'On sale for the crowd of a drill.',
      venue: { organisation, ...venue },
      seatMap: hall.seatMap,
      tiers: hall.tiers,
      terms: hallTerms,
    }
    return factsOf(hall, await publishShow(client, show))
  }
}

async function metricsOf(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(metricsWithinMs) })
    return answer.ok ? await answer.text() : null
  } catch {
    return null
  }
}

function logsOf({ system, names, region }: DrillSystem): Readonly<Record<string, string>> {
  const servers = names.map((name) => [name, region(name).logFile])
  const simulator = join(system.facts.dataFolder, 'stripe', 'stripe-simulator.log')
  return Object.fromEntries([...servers, ['stripe', simulator]]) as Record<string, string>
}
