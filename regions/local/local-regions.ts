/**
 * The regions of a local system, as regions/topologies/local.yaml names them: what
 * `npm start -- --regions` plays on one machine, with other ports.
 */
import { readFileSync } from 'node:fs'
import { readTopology, type TopologyRegion } from '../../server/platform/topology.ts'

const file = 'local.yaml'
const text = readFileSync(new URL(`../topologies/${file}`, import.meta.url), 'utf8')
const topology = readTopology(text, file)

export type LocalRegionPlan = Pick<
  TopologyRegion,
  'name' | 'code' | 'latitude' | 'longitude' | 'standIns'
>

export const localRegions: readonly LocalRegionPlan[] = topology.regions

export const localRegionsMax = localRegions.length

/** Milliseconds of a round trip between two regions. */
export const { roundTripsMs, lease: localLease } = topology

export function roundTripMs(one: string, other: string): number {
  return roundTripsMs[one]?.[other] ?? 0
}

/** What a commit waits for when it must survive the loss of a region. */
export function nearestRoundTripMs(name: string, others: readonly string[]): number {
  const trips = others.filter((other) => other !== name).map((other) => roundTripMs(name, other))
  return trips.length === 0 ? 0 : Math.min(...trips)
}
