/**
 * Keeps the leases that this server's region has, and takes over those that ran out. One pass over
 * one home region at a time; what it learns goes into the table that calls read. It never lets this
 * server grant for longer than the database has promised: the deadline counts from before the
 * renewal was sent, less what two clocks may drift apart in that time. Clocks of machines are never
 * compared.
 */
import { isOffering, keeperMove, type Lease, type LeaseBook } from '../domain/authority.ts'
import { authorityLimits } from '../platform/authority-limits.ts'
import type { Clock } from '../platform/clock.ts'
import type { LeaseTimes } from '../platform/topology.ts'
import type { Authorities } from './authorities.ts'

export type KeeperPorts = {
  readonly region: string
  readonly leases: LeaseBook
  readonly authorities: Authorities
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly times: LeaseTimes
  /** Home region first, then its stand-ins in their order. */
  readonly candidatesFor: (home: string) => readonly string[]
  /** Whether this server can grant holds: its hold book answers. */
  readonly isFit: () => boolean
  /** Told once for each authority that this server took because a lease had run out. */
  readonly onTakeover: (taken: Takeover) => void
}

export type Takeover = {
  readonly home: string
  readonly from: string
  readonly epoch: number
  /** How long this server had seen the lease lapse. */
  readonly lapsedForMs: number
}

export class AuthorityKeeper {
  readonly #ports: KeeperPorts
  /** Since when a lease is seen to have run out, by our clock, and of which epoch. */
  readonly #lapses = new Map<string, { readonly epoch: number; readonly sinceMs: number }>()

  /** Since when this server's hold book is out of reach, by our clock. */
  #unfitSinceMs: number | null = null

  constructor(ports: KeeperPorts) {
    this.#ports = ports
  }

  /**
   * One look at one home region, and what follows from it.
   * @returns after how many milliseconds to look again
   */
  async pass(home: string): Promise<number> {
    const { leases, authorities, region, times } = this.#ports
    const epoch = authorities.keptEpoch(home)
    const isFit = this.#ports.isFit()
    const offers = this.#isOffering(home, isFit)
    if (epoch !== null && !offers && (await this.#renew(home, epoch))) return times.heartbeatMs
    const lease = await leases.find(home)
    if (lease === null) return this.#begin(home)
    authorities.heard(home, lease)
    const lapsedForMs = this.#lapsedForMs(home, lease)
    const candidates = await this.#candidates(home, lease)
    const { heartbeatMs } = times
    const staggerMs = authorityLimits.standInStaggerMs
    const own = { region, isFit, isOffering: offers }
    const view = { ...own, candidates, lease, lapsedForMs, heartbeatMs, staggerMs }
    const move = keeperMove(view)
    switch (move.kind) {
      case 'renew':
        return (await this.#renew(home, lease.epoch)) ? heartbeatMs : 0
      case 'take-over':
        return (await this.#takeOver(home, lease, lapsedForMs)) ? heartbeatMs : 0
      case 'look':
        return move.inMs
    }
  }

  async #renew(home: string, epoch: number): Promise<boolean> {
    const { leases, region, times } = this.#ports
    const { lengthMs } = times
    const sentAtMs = this.#ports.clock.monotonicMs()
    if (!(await leases.renew({ home, region, epoch, lengthMs }))) return false
    this.#granted(home, epoch, sentAtMs)
    return true
  }

  async #takeOver(home: string, lease: Lease, lapsedForMs: number): Promise<boolean> {
    const { leases, region, times, clock, onTakeover } = this.#ports
    const sentAtMs = clock.monotonicMs()
    const claim = { home, region, epoch: lease.epoch, lengthMs: times.lengthMs }
    const epoch = await leases.takeOver(claim)
    if (epoch === null) return false
    this.#lapses.delete(home)
    this.#granted(home, epoch, sentAtMs)
    onTakeover({ home, from: lease.serverRegion, epoch, lapsedForMs })
    return true
  }

  #granted(home: string, epoch: number, sentAtMs: number): void {
    const usableMs = this.#ports.times.lengthMs * (1 - authorityLimits.leaseDriftPart)
    this.#ports.authorities.granted(home, { epoch, untilMs: sentAtMs + usableMs })
  }

  /** Nobody ever had it: a region begins as its own authority, and no other may begin for it. */
  async #begin(home: string): Promise<number> {
    if (home !== this.#ports.region) return this.#ports.times.heartbeatMs
    await this.#ports.leases.begin(home)
    return 0
  }

  #isOffering(home: string, isFit: boolean): boolean {
    const { clock, times, candidatesFor } = this.#ports
    const nowMs = clock.monotonicMs()
    this.#unfitSinceMs = isFit ? null : (this.#unfitSinceMs ?? nowMs)
    if (this.#unfitSinceMs === null) return false
    const { bookLossMs: afterMs, offerEveryMs: everyMs, standInStaggerMs } = authorityLimits
    const others = candidatesFor(home).length - 1
    const forMs = others === 0 ? 0 : times.lengthMs + (others + 1) * standInStaggerMs
    return isOffering(nowMs - this.#unfitSinceMs, { afterMs, forMs, everyMs })
  }

  #lapsedForMs(home: string, { epoch, leftMs }: Lease): number {
    if (leftMs > 0) {
      this.#lapses.delete(home)
      return 0
    }
    const nowMs = this.#ports.clock.monotonicMs()
    const seen = this.#lapses.get(home)
    if (seen?.epoch === epoch) return nowMs - seen.sinceMs
    this.#lapses.set(home, { epoch, sinceMs: nowMs })
    return 0
  }

  /** Only who thinks of taking over asks who may not. */
  async #candidates(home: string, lease: Lease): Promise<readonly string[]> {
    const { candidatesFor, leases, region } = this.#ports
    if (lease.leftMs > 0 || lease.serverRegion === region) return candidatesFor(home)
    const drained = await leases.drained()
    return candidatesFor(home).filter((candidate) => !drained.has(candidate))
  }
}
