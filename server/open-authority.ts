/**
 * Who sells for which home region: alone, this server's region does and nobody else ever will;
 * with other regions, leases are kept and taken over. Wiring only.
 */
import type { Logger } from 'pino'
import type { Authorities } from './application/authorities.ts'
import { AuthorityKeeper, type Takeover } from './application/authority-keeper.ts'
import { ClockWatch } from './application/clock-watch.ts'
import type { Config } from './config.ts'
import type { LeaseBook } from './domain/authority.ts'
import { peerTimes } from './gateways/region-calls/peer-times.ts'
import { authorityLimits } from './platform/authority-limits.ts'
import { systemClock } from './platform/clock.ts'
import { clockLimits } from './platform/clock-limits.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import type { Telemetry } from './platform/telemetry.ts'
import type { TopologyRegion } from './platform/topology.ts'
import { ensureAuthority } from './stores/authority.ts'
import { type Database, openDatabase } from './stores/database.ts'
import { lookAtDatabaseTime } from './stores/database-clock.ts'
import { sqlLeaseBook } from './stores/region-leases.ts'

export type OpenedAuthority = AsyncDisposable & {
  readonly leases: LeaseBook
  readonly clockWatch: ClockWatch
  /** Home regions to keep or to watch; none where this region is alone and has it for ever. */
  readonly homes: readonly string[]
  /** Keeps or watches one of them. @returns after how many milliseconds to look again */
  readonly pass: (home: string) => Promise<number>
  /** A look at the lease of `home` is due at once. */
  readonly keepSoon: (home: string) => void
  /** Who hears of that: the worker of this home region. */
  readonly onKeepSoon: (wake: (home: string) => void) => void
}

type Needs = {
  readonly db: Database
  readonly authorities: Authorities
  readonly log: Logger
  readonly telemetry: Telemetry
  /** Whether the hold book answers. */
  readonly isFit: () => boolean
  readonly onTakeover: (taken: Takeover) => void
}

/** @throws DatabaseUnavailableError */
export async function openAuthority(config: Config, needs: Needs): Promise<OpenedAuthority> {
  const { db, authorities } = needs
  const { REGION: region, topology } = config
  if (topology === null || topology.regions.length === 1) {
    const { epoch } = await ensureAuthority(db, region)
    authorities.granted(region, { epoch, untilMs: Number.POSITIVE_INFINITY })
    return {
      leases: sqlLeaseBook(db),
      clockWatch: clockWatch(db, needs.log, null),
      homes: [],
      pass: () => Promise.resolve(limits.forgetPeriodMs),
      keepSoon: () => undefined,
      onKeepSoon: () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
  // Connections of their own: a renewal never waits behind the sales that it lets go on.
  const own = leaseDatabase(config, needs, topology.regions.length)
  const leases = sqlLeaseBook(own)
  const others = topology.regions.filter(({ name }) => name !== region)
  const watch = clockWatch(own, needs.log, others)
  const standIns = new Map(topology.regions.map((one) => [one.name, one.standIns]))
  const keeper = new AuthorityKeeper({
    region,
    leases,
    authorities,
    clock: systemClock,
    times: topology.lease,
    candidatesFor: (home) => [home, ...(standIns.get(home) ?? [])],
    isFit: () => needs.isFit() && !watch.isOff(),
    onTakeover: needs.onTakeover,
  })
  await watch.pass()
  // What another region has is known, and what is ours is granted, before the first call comes.
  while ((await keeper.pass(region)) === 0);
  const homes = topology.regions.map((one) => one.name)
  let wake: (home: string) => void = () => undefined
  return {
    leases,
    clockWatch: watch,
    homes,
    pass: (home) => keeper.pass(home),
    keepSoon: (home) => wake(home),
    onKeepSoon: (next) => {
      wake = next
    },
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  }
}

/** @param others null for a server that is alone */
function clockWatch(
  db: Database,
  log: Logger,
  others: readonly TopologyRegion[] | null,
): ClockWatch {
  const { lookWithinMs } = clockLimits
  return new ClockWatch({
    clock: systemClock,
    lookAtDatabase: () => lookAtDatabaseTime(db, lookWithinMs),
    lookAtPeers:
      others &&
      peerTimes({ addresses: others.flatMap((one) => one.internalUrls), clock: systemClock }),
    log,
  })
}

function leaseDatabase(config: Config, { db, log, telemetry }: Needs, homes: number): Database {
  return openDatabase({
    url: config.DATABASE_URL,
    region: config.REGION,
    // Each home, a move, and a look at the time, which is worth nothing when it has to wait.
    poolMax: homes + 2,
    clock: systemClock,
    random: systemRandom,
    metrics: telemetry,
    engine: db.engine,
    statementTimeoutMs: authorityLimits.leaseStatementMs,
    onIdleError: (err) => log.warn({ err }, 'an idle connection for leases broke'),
  })
}
