/** What a server has to do with other regions: authority and planned moves. Wiring only. */
import type { Logger } from 'pino'
import type { AuditLog } from './application/audit-log.ts'
import type { RegionMoves } from './application/regions/region-moves.ts'
import type { Services } from './application/services.ts'
import { tellTakeover } from './application/tell-takeover.ts'
import type { Config } from './config.ts'
import { type OpenedAuthority, openAuthority } from './open-authority.ts'
import type { OpenedBook } from './open-hold-book.ts'
import { openRegionMoves } from './open-region-moves.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Topology } from './platform/topology.ts'
import type { Database } from './stores/database.ts'

export type RegionsGround = {
  readonly db: Database
  readonly book: OpenedBook
  readonly audit: AuditLog
  /** Null: this region is alone. */
  readonly topology: Topology | null
}

export type OpenedRegions = {
  readonly authority: OpenedAuthority
  readonly moves: RegionMoves
  readonly following: Services['following']
}

/** @throws DatabaseUnavailableError */
export async function openRegions(
  config: Config,
  { db, book, audit, topology }: RegionsGround,
  { log, telemetry }: { readonly log: Logger; readonly telemetry: Telemetry },
): Promise<OpenedRegions> {
  const { REGION: region } = config
  const { count } = telemetry
  const authority = await openAuthority(config, {
    db,
    topology,
    log,
    telemetry,
    isFit: book.alive,
    onTakeover: (taken) => void tellTakeover({ log, region, audit, count }, taken),
  })
  const following = () => []
  const moves = openRegionMoves({
    db,
    region,
    leases: authority.leases,
    authorities: authority.authorities,
    topology,
    caller: null,
    book: null,
    following,
    copiedUpTo: async () => null,
    keepSoon: authority.keepSoon,
    log,
    count,
  })
  return { authority, moves, following }
}
