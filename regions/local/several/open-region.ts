/** One region of several, put together: what its programs are given, and what a drill sees of it. */
import { join } from 'node:path'
import { regionFolder } from '../data-folder.ts'
import { startRedis } from '../redis.ts'
import { type ServerNeeds, serverSettings } from '../server-settings.ts'
import type { Ground } from '../start-parts.ts'
import { startServerProgram } from '../start-server-part.ts'
import { followWarnings } from '../warnings.ts'
import { LocalRegion } from './local-region.ts'
import type { RegionPlace } from './region-place.ts'
import type { RunningLinks } from './start-links.ts'

/** It can be taken down and up, and its addresses are known. */
export type DrillRegion = Pick<
  LocalRegion,
  'name' | 'state' | 'pids' | 'redisUrl' | 'start' | 'kill' | 'pause' | 'resume'
> &
  Pick<RegionPlace, 'code' | 'url' | 'databaseUrl' | 'fanUrls'> & {
    readonly metricsUrl: string
    readonly logFile: string
  }

export type RegionCommon = Pick<ServerNeeds, 'stripeSettings' | 'mailSettings'> & {
  readonly places: readonly RegionPlace[]
  readonly links: RunningLinks
  readonly topologyFile: string
  readonly onChange: () => Promise<void>
}

export function openRegion(ground: Ground, place: RegionPlace, common: RegionCommon) {
  const { data, log, parts } = ground
  const { name } = place
  const redisOptions = { dataFolder: join(data.path, regionFolder(name, 'redis')), log }
  const folder = regionFolder(name, 'server')
  const region = new LocalRegion({
    name,
    parts,
    log,
    startRedis: (port) => startRedis({ ...redisOptions, ...(port === undefined ? {} : { port }) }),
    startServer: (redisUrl, signal) => {
      const env = settingsOf(ground, place, { ...common, redisUrl })
      return startServerProgram(ground, { name: `The server of ${name}`, env, folder, signal })
    },
    ...linksOf(name, common.links),
    onChange: common.onChange,
  })
  const logFile = join(data.path, folder, 'server.log')
  const unfollow = followWarnings(logFile, (line) => log(`${name}: ${line}`))
  const close = async () => {
    unfollow()
    await region.close()
  }
  return { region: drillRegion(region, place, logFile), close }
}

/** Where a region's machines stand: all that leaves it and all that comes in, also from fans. */
function linksOf(name: string, { control }: RunningLinks) {
  const patterns = [`${name}/*`, `*/${name}`]
  const all = (work: (pattern: string) => Promise<unknown>) => Promise.all(patterns.map(work))
  return {
    cutLinks: () => all((pattern) => control.setFault(pattern, { kind: 'cut' })),
    healLinks: () => all((pattern) => control.heal(pattern)),
  }
}

type Own = RegionCommon & { readonly redisUrl: string | null }

function settingsOf(ground: Ground, place: RegionPlace, own: Own): Record<string, string> {
  const { places, redisUrl, stripeSettings, mailSettings, topologyFile } = own
  const { name, ports, databaseUrl } = place
  const regions = places.map((one) => `${one.name}=${one.code}`).join(',')
  const beside = places.map((one) => one.name)
  const needs = { databaseUrl, redisUrl, stripeSettings, mailSettings }
  return {
    ...serverSettings(ground, { region: name, regions, ports, beside }, needs),
    TOPOLOGY: topologyFile,
    // The launcher has done it, once for all of them.
    MIGRATE: '0',
  }
}

/** Everything that changes is read when it is asked for. */
function drillRegion(region: LocalRegion, place: RegionPlace, logFile: string): DrillRegion {
  const { code, url, databaseUrl, fanUrls, name, ports } = place
  return {
    name,
    code,
    url,
    databaseUrl,
    fanUrls,
    logFile,
    metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    get state() {
      return region.state
    },
    get pids() {
      return region.pids
    },
    get redisUrl() {
      return region.redisUrl
    },
    start: (signal) => region.start(signal),
    kill: () => region.kill(),
    pause: () => region.pause(),
    resume: () => region.resume(),
  }
}
