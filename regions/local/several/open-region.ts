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
  | 'name'
  | 'state'
  | 'pids'
  | 'redisUrl'
  | 'start'
  | 'kill'
  | 'crash'
  | 'pause'
  | 'resume'
  | 'restartServer'
  | 'restartRedis'
> &
  Pick<RegionPlace, 'code' | 'url' | 'databaseUrl' | 'fanUrls'> & {
    readonly metricsUrl: string
    readonly logFile: string
    /** Of its Redis: what it has on the disk. */
    readonly redisFolder: string
    /** What its server loads first. */
    readonly preload: readonly string[]
  }

/** Modules that the server of a region loads first, for drills: paths, or file URLs. */
export type Preload = (region: string) => readonly string[]

export type RegionCommon = Pick<ServerNeeds, 'stripeSettings' | 'mailSettings'> & {
  readonly places: readonly RegionPlace[]
  readonly links: RunningLinks
  readonly topologyFile: string
  readonly onChange: () => Promise<void>
  readonly preload: Preload
}

export function openRegion(ground: Ground, place: RegionPlace, common: RegionCommon) {
  const { data, log, parts } = ground
  const { name } = place
  const redisFolder = join(data.path, regionFolder(name, 'redis'))
  const redisOptions = { dataFolder: redisFolder, log }
  const folder = regionFolder(name, 'server')
  const preload = common.preload(name)
  const region = new LocalRegion({
    name,
    parts,
    log,
    startRedis: (port) => startRedis({ ...redisOptions, ...(port === undefined ? {} : { port }) }),
    startServer: ({ redisUrl, project, signal }) => {
      const env = settingsOf(ground, place, { ...common, redisUrl })
      const other = project === null ? {} : { project }
      const program = { name: `The server of ${name}`, env, folder, preload, ...other }
      return startServerProgram(ground, { ...program, signal })
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
  return { region: drillRegion(region, place, { logFile, redisFolder, preload }), close }
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
function drillRegion(
  region: LocalRegion,
  place: RegionPlace,
  facts: Pick<DrillRegion, 'logFile' | 'redisFolder' | 'preload'>,
): DrillRegion {
  const { code, url, databaseUrl, fanUrls, name, ports } = place
  return {
    name,
    code,
    url,
    databaseUrl,
    fanUrls,
    ...facts,
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
    crash: (part) => region.crash(part),
    pause: () => region.pause(),
    resume: () => region.resume(),
    restartServer: (wish) => region.restartServer(wish),
    restartRedis: (whileDown) => region.restartRedis(whileDown),
  }
}
