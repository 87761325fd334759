/** How the regions stand: who has which authority for how long, who answers, who follows how closely. */
import type { LeaseBook } from '../../domain/authority.ts'
import type { FollowStatus } from '../../domain/hold-replication.ts'
import type { Clock } from '../../platform/clock.ts'

export type FollowedHome = Pick<FollowStatus, 'home' | 'epoch' | 'position' | 'lagMs' | 'state'>

export type RegionStatus = {
  readonly name: string
  readonly drained: boolean
  /** Whether one of its servers answered this one; null: was not asked. */
  readonly answers: boolean | null
  /** Home regions over which it has the authority, by the database. */
  readonly homes: readonly {
    readonly home: string
    readonly epoch: number
    /** By the database's clock; zero or less: it has run out. */
    readonly leaseLeftMs: number
  }[]
  /** Of whose hold books it keeps copies, as it says itself. */
  readonly followers: readonly FollowedHome[]
}

export type RegionsStatus = {
  /** When this was looked at, by this server's clock. */
  readonly asOfMs: number
  readonly regions: readonly RegionStatus[]
}

export type StatusNeeds = {
  readonly names: readonly string[]
  readonly leases: LeaseBook
  readonly clock: Pick<Clock, 'nowMs'>
  /** What a server of the region says of itself; null: none answered. */
  readonly ask: (region: string) => Promise<readonly FollowedHome[] | null>
}

export async function regionsStatus(needs: StatusNeeds): Promise<RegionsStatus> {
  const { names, leases, ask, clock } = needs
  const [drained, held, said] = await Promise.all([
    leases.drained(),
    Promise.all(names.map(async (home) => ({ home, lease: await leases.find(home) }))),
    Promise.all(names.map(ask)),
  ])
  const homesOf = (name: string) =>
    held.flatMap(({ home, lease }) =>
      lease?.serverRegion === name
        ? [{ home, epoch: lease.epoch, leaseLeftMs: Math.round(lease.leftMs) }]
        : [],
    )
  const regions = names.map((name, at) => ({
    name,
    drained: drained.has(name),
    answers: said[at] !== null,
    homes: homesOf(name),
    followers: said[at] ?? [],
  }))
  return { asOfMs: clock.nowMs(), regions }
}
