/** As much ground as a workload needs: two regions on this machine, an arena on sale in each. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchToken, type Identity } from '../../bench/onsale/identities.ts'
import { makeOrganiser, publishArena } from '../../bench/onsale/publish-arena.ts'
import type { EventFacts } from '../../chaos/evidence/evidence.ts'
import type { WorkloadGround } from '../../chaos/workload/workload.ts'
import { createClient } from '../../client/index.ts'
import { type LocalSystem, startLocal } from '../../regions/local/start-local.ts'
import { Closers } from '../support/closers.ts'

const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS'] as const

export type TwoRegions = AsyncDisposable & {
  readonly ground: WorkloadGround
  readonly events: readonly EventFacts[]
  readonly system: LocalSystem
  readonly folder: string
}

export async function openTwoRegions(): Promise<TwoRegions> {
  const closers = new Closers()
  return closers.opening(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontrow-workload-'))
    closers.defer(() => rm(folder, { recursive: true, force: true }))
    const environment = Object.fromEntries(passedOn.map((name) => [name, process.env[name]]))
    const dataFolder = join(folder, 'data')
    const wish = { dataFolder, environment, regions: 2, latency: false }
    const system = closers.use(await startLocal(wish))
    const ground = await groundOf(system)
    const events: EventFacts[] = []
    for (const home of ground.regions) events.push(await ground.publishEvent(home))
    return { ground, events, system, folder, [Symbol.asyncDispose]: () => closers.close() }
  })
}

async function groundOf({ regions, stripeUrl }: LocalSystem): Promise<WorkloadGround> {
  const names = Object.keys(regions)
  const urlOf = (name: string) => regions[name]?.url ?? ''
  const token = (identity: Identity) => {
    const up = names.find((name) => regions[name]?.state === 'up')
    return fetchToken(urlOf(up ?? ''), identity)
  }
  const root = createClient({
    endpoints: names.map(urlOf),
    token: await token({ name: 'root', admin: true }),
  })
  const organisation = await makeOrganiser(root)
  return {
    regions: names,
    organisation,
    stripeUrl: stripeUrl ?? '',
    token,
    endpointsAt: (place) => {
      const { fanUrls = {} } = regions[place] ?? {}
      const others = Object.entries(fanUrls).filter(([to]) => to !== place)
      return [fanUrls[place] ?? '', ...others.map(([, url]) => url)]
    },
    publishEvent: async (home) => {
      const roles = { [organisation]: 'manager' }
      const own = await token({ name: 'organiser', roles })
      const client = createClient({ endpoints: [urlOf(home)], token: own })
      const { id, units, currency } = await publishArena(client, organisation)
      // What places cost is for those who judge; fans take any price.
      return { id, home, units, currency, limitPerBuyer: 8, prices: [] }
    },
  }
}
