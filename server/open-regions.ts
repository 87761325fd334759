/**
 * A server's place among the regions: who sells what, its hold book and the copies of others', and
 * planned moves. A server that is alone has the same parts, and nobody to ask. Wiring only.
 */
import type { Logger } from 'pino'
import type { AuditLog } from './application/audit-log.ts'
import { Authorities } from './application/authorities.ts'
import type { HandOverNeeds } from './application/regions/hand-over.ts'
import type { RegionMoves } from './application/regions/region-moves.ts'
import { tellTakeover } from './application/tell-takeover.ts'
import type { Config } from './config.ts'
import type { HoldReplication } from './domain/hold-replication.ts'
import { type OpenedAuthority, openAuthority } from './open-authority.ts'
import { openRegionClient } from './open-following.ts'
import { type OpenedBook, openHoldBook } from './open-hold-book.ts'
import { openRegionMoves } from './open-region-moves.ts'
import { systemClock } from './platform/clock.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Database } from './stores/database.ts'

export type RegionsGround = {
  readonly db: Database
  readonly audit: AuditLog
  /** Sales of one event that are written at once. */
  readonly writesAtOnce: number
}

export type OpenedRegions = {
  readonly authorities: Authorities
  readonly book: OpenedBook
  readonly authority: OpenedAuthority
  readonly moves: RegionMoves
  readonly close: () => Promise<void>
}

/** @throws DatabaseUnavailableError, or Error when a configured Redis does not answer */
export async function openRegions(
  config: Config,
  { db, audit, writesAtOnce }: RegionsGround,
  { log, telemetry }: { readonly log: Logger; readonly telemetry: Telemetry },
): Promise<OpenedRegions> {
  const { REGION: region, topology } = config
  const { count } = telemetry
  const authorities = new Authorities({ region, clock: systemClock })
  const caller = await openRegionClient(config)
  const bookParts = { db, authorities, caller, writesAtOnce }
  const book = await openHoldBook(config, bookParts, { log, telemetry })
  telemetry.watchHoldBook(book.alive)
  const authority = await openAuthority(config, {
    db,
    authorities,
    log,
    telemetry,
    isFit: book.alive,
    onTakeover: (taken) => void tellTakeover({ log, region, audit, count }, taken),
  })
  const homes = authority.homes.length === 0 ? [region] : authority.homes
  telemetry.watchClock(() => authority.clockWatch.offsetMs())
  telemetry.watchAuthority(() =>
    homes.map((home) => ({ home, isHeld: authorities.standing(home).kind === 'ours' })),
  )
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
  const close = async () => {
    await authority[Symbol.asyncDispose]()
    book.close()
    caller?.close()
  }
  return { authorities, book, authority, moves, close }
}

function sealable(source: HoldReplication): HandOverNeeds['book'] {
  return {
    seal: async (tenure) => (await source.seal(tenure)).last,
    unseal: (tenure) => source.unseal(tenure),
    lastChange: (tenure) => source.lastId(tenure),
  }
}
