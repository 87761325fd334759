/**
 * The file that TOPOLOGY names, and the settings that it stands for. What the environment says of
 * an address wins: credentials are there, and a server may have a way of its own.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import {
  readTopology,
  type Topology,
  TopologyError,
  type TopologyRegion,
} from './platform/topology.ts'

type Values = Readonly<Record<string, string>>

export type TopologySettings = {
  readonly topology: Topology | null
  /** In the place of settings that are not set. */
  readonly settings: Values
  readonly faults: readonly string[]
}

export function topologySettings(values: Values): TopologySettings {
  const { TOPOLOGY: path, REGION: region } = values
  if (path === undefined) return { topology: null, settings: {}, faults: [] }
  try {
    const topology = readTopology(readFileSync(path, 'utf8'), basename(path))
    const own = topology.regions.find(({ name }) => name === region)
    const isForeign = region !== undefined && own === undefined
    const faults = isForeign ? ['REGION: must be one of the regions of TOPOLOGY'] : []
    return { topology, settings: settingsOf(topology, own), faults }
  } catch (cause) {
    const faults =
      cause instanceof TopologyError ? cause.faults : ['names a file that cannot be read']
    return { topology: null, settings: {}, faults: faults.map((fault) => `TOPOLOGY: ${fault}`) }
  }
}

function settingsOf({ regions }: Topology, own: TopologyRegion | undefined): Values {
  const { database, redis } = own ?? {}
  return {
    REGIONS: regions.map(({ name, code }) => `${name}=${code}`).join(','),
    ...(database === undefined ? {} : { DATABASE_URL: database }),
    ...(redis === undefined ? {} : { REDIS_URL: redis }),
  }
}
