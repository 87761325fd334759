/**
 * Who sells for which home region: alone, this server's region does and nobody else ever will;
 * with other regions, leases are kept and taken over. Wiring only.
 */
import type { Logger } from 'pino'
import { Authorities } from './application/authorities.ts'
import { AuthorityKeeper, type Takeover } from './application/authority-keeper.ts'
import type { Config } from './config.ts'
import type { LeaseBook } from './domain/authority.ts'
import { systemClock } from './platform/clock.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { Topology } from './platform/topology.ts'
import { ensureAuthority } from './stores/authority.ts'
import { type Database, openDatabase } from './stores/database.ts'
import { sqlLeaseBook } from './stores/region-leases.ts'

export type OpenedAuthority = AsyncDisposable & {
  readonly authorities: Authorities
  readonly leases: LeaseBook
  /** Null where this region is alone: then it has the authority for ever. */
  readonly keeper: AuthorityKeeper | null
  /** Home regions to keep or to watch. */
  readonly homes: readonly string[]
}

type Needs = {
  readonly db: Database
  readonly topology: Topology | null
  readonly log: Logger
  readonly telemetry: Telemetry
  /** Whether the hold book answers. */
  readonly isFit: () => boolean
  readonly onTakeover: (taken: Takeover) => void
}

/** @throws DatabaseUnavailableError */
export async function openAuthority(config: Config, needs: Needs): Promise<OpenedAuthority> {
  const { db, topology } = needs
  const region = config.REGION
  const authorities = new Authorities({ region, clock: systemClock })
  if (topology === null || topology.regions.length === 1) {
    const { epoch } = await ensureAuthority(db, region)
    authorities.granted(region, { epoch, untilMs: Number.POSITIVE_INFINITY })
    const close = async () => undefined
    const leases = sqlLeaseBook(db)
    return { authorities, leases, keeper: null, homes: [], [Symbol.asyncDispose]: close }
  }
  // Connections of their own: a renewal never waits behind the sales that it lets go on.
  const own = leaseDatabase(config, needs, topology.regions.length)
  const leases = sqlLeaseBook(own)
  const standIns = new Map(topology.regions.map((one) => [one.name, one.standIns]))
  const keeper = new AuthorityKeeper({
    region,
    leases,
    authorities,
    clock: systemClock,
    times: topology.lease,
    candidatesFor: (home) => [home, ...(standIns.get(home) ?? [])],
    isFit: needs.isFit,
    onTakeover: needs.onTakeover,
  })
  // What another region has is known, and what is ours is granted, before the first call comes.
  while ((await keeper.pass(region)) === 0);
  const homes = topology.regions.map((one) => one.name)
  const close = () => own[Symbol.asyncDispose]()
  return { authorities, leases, keeper, homes, [Symbol.asyncDispose]: close }
}

function leaseDatabase(config: Config, { db, log, telemetry }: Needs, homes: number): Database {
  return openDatabase({
    url: config.DATABASE_URL,
    poolMax: homes + 1,
    clock: systemClock,
    random: systemRandom,
    metrics: telemetry,
    engine: db.engine,
    statementTimeoutMs: limits.leaseStatementMs,
    onIdleError: (err) => log.warn({ err }, 'an idle connection for leases broke'),
  })
}
