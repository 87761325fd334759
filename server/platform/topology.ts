/**
 * Which regions there are, where they are reached, and who stands in for whom: one file, the same
 * for all servers of an installation (docs/topology.md). Names are CockroachDB's names of the
 * regions. Credentials never stand in it: they come from the environment.
 */
import type { Region } from './regions.ts'

export type TopologyRegion = Region & {
  /** Where fans reach its servers, such as https://us-east1.tickets.example. */
  readonly publicUrl: string
  /** Where servers of other regions reach its servers: one address or more, tried in order. */
  readonly internalUrls: readonly string[]
  /** Addresses without credentials; undefined where the environment names them. */
  readonly database?: string | undefined
  readonly redis?: string | undefined
  readonly typesense?: string | undefined
  readonly latitude: number
  readonly longitude: number
  /** Names of the regions that take over for it, the first healthy one first. */
  readonly standIns: readonly string[]
}

export type LeaseTimes = {
  /** How long an authority may grant after each renewal. */
  readonly lengthMs: number
  /** How often it renews. */
  readonly heartbeatMs: number
}

export type Topology = {
  readonly regions: readonly TopologyRegion[]
  readonly lease: LeaseTimes
  /** Milliseconds of a round trip between two regions, for the local mode; absent: not simulated. */
  readonly roundTripsMs: Readonly<Record<string, Readonly<Record<string, number>>>>
}
