/** What a server has to do with other regions: authority and planned moves. Wiring only. */
import type { Logger } from 'pino'
import type { AuditLog } from './application/audit-log.ts'
import type { Authorities } from './application/authorities.ts'
import type { HandOverNeeds } from './application/regions/hand-over.ts'
import type { RegionMoves } from './application/regions/region-moves.ts'
import { tellTakeover } from './application/tell-takeover.ts'
import type { Config } from './config.ts'
import type { HoldReplication } from './domain/hold-replication.ts'
import type { RegionCaller } from './domain/region-caller.ts'
import { type OpenedAuthority, openAuthority } from './open-authority.ts'
import type { OpenedBook } from './open-hold-book.ts'
import { openRegionMoves } from './open-region-moves.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Database } from './stores/database.ts'

export type RegionsGround = {
  readonly db: Database
  readonly book: OpenedBook
  readonly audit: AuditLog
  readonly authorities: Authorities
  /** null for a server that is alone. */
  readonly caller: RegionCaller | null
}

export type OpenedRegions = { readonly authority: OpenedAuthority; readonly moves: RegionMoves }

/** @throws DatabaseUnavailableError */
export async function openRegions(
  config: Config,
  { db, book, audit, authorities, caller }: RegionsGround,
  { log, telemetry }: { readonly log: Logger; readonly telemetry: Telemetry },
): Promise<OpenedRegions> {
  const { REGION: region, topology } = config
  const { count } = telemetry
  const authority = await openAuthority(config, {
    db,
    authorities,
    log,
    telemetry,
    isFit: book.alive,
    onTakeover: (taken) => void tellTakeover({ log, region, audit, count }, taken),
  })
  const moves = openRegionMoves({
    db,
    region,
    leases: authority.leases,
    authorities,
    topology,
    caller,
    book: book.replication && sealable(book.replication.source),
    following: () => book.following?.table.followStatus() ?? [],
    keepSoon: authority.keepSoon,
    log,
    count,
  })
  return { authority, moves }
}

function sealable(source: HoldReplication): HandOverNeeds['book'] {
  return {
    seal: async (tenure) => (await source.seal(tenure)).last,
    unseal: (tenure) => source.unseal(tenure),
    lastChange: (tenure) => source.lastId(tenure),
  }
}
