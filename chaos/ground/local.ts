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
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import { installVersions } from '../evidence/versions.ts'
import type { FaultMaker } from '../faults/fault-maker.ts'
import type { Ground } from './ground.ts'
import { metricsOf } from './metrics-of.ts'
import { programVersions } from './program-versions.ts'
import { eventPublisher } from './publisher.ts'

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

/** @throws StartError, NotDrivableError, or the signal's reason */
export async function openLocalGround(options: LocalGroundOptions): Promise<LocalGround> {
  const { seed, eventsPerHome = 1, versions = true, makeFaults, ...wish } = options
  const opened = await openDrillSystem(wish)
  try {
    const { system, names, sql } = opened
    const faults = makeFaults(system)
    const hasVersions = versions && (await installVersions(sql))
    const organisation = await makeOrganiser(await opened.admin())
    const { region, token } = opened
    const urlOf = (home: string) => region(home).url
    const publishEvent = eventPublisher({ urlOf, token, seed, organisation })
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

function logsOf({ system, names, region }: DrillSystem): Readonly<Record<string, string>> {
  const servers = names.map((name) => [name, region(name).logFile])
  const simulator = join(system.facts.dataFolder, 'stripe', 'stripe-simulator.log')
  return Object.fromEntries([...servers, ['stripe', simulator]]) as Record<string, string>
}
