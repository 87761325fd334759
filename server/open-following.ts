/** Opens what this region needs to follow the holds of others: null for one that is alone. Wiring only. */
import { AvailabilityElsewhere } from './application/availability-elsewhere.ts'
import { FollowTable } from './application/follow-table.ts'
import type { Services } from './application/services.ts'
import type { Config } from './config.ts'
import type { HoldCopies } from './domain/hold-replication.ts'
import { RegionClient } from './gateways/region-calls/region-client.ts'
import { systemClock } from './platform/clock.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Topology } from './platform/topology.ts'
import type { Database } from './stores/database.ts'
import { readInventorySnapshot } from './stores/inventory-snapshot.ts'
import { regionCallSignerOf } from './token-parts.ts'

/** null without a topology, or without keys for calls to other regions. */
export async function openRegionClient(config: Config): Promise<RegionClient | null> {
  const { topology } = config
  const signer = await regionCallSignerOf(config)
  if (signer === null || topology === null) return null
  return new RegionClient({ signer, regions: topology.regions })
}

type Parts = Pick<Services, 'authorities'> & {
  readonly copies: HoldCopies
  readonly db: Database
  readonly caller: RegionClient | null
  readonly topology: Topology | null
  readonly telemetry: Telemetry
}

export function openFollowing(parts: Parts): Services['following'] {
  const { copies, authorities, db, caller, topology, telemetry } = parts
  if (caller === null || topology === null) return null
  const table = new FollowTable(systemClock)
  telemetry.watchFollowing(() => table.followStatus())
  const elsewhere = new AvailabilityElsewhere({
    copies,
    caller,
    authorities,
    snapshot: (scope) => readInventorySnapshot(db, scope, 'elsewhere'),
    clock: systemClock,
  })
  return { caller, homes: topology.regions.map(({ name }) => name), table, elsewhere }
}
