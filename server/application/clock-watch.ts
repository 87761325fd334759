/**
 * Watches this server's wall clock, by which tokens and calls between regions are judged. A server
 * whose clock is off steps aside: it is not ready, refuses all calls before it looks at a proof, but
 * for those by which other regions copy its holds, and leaves its authority to others. Nothing that
 * decides a sale reads it: leases, holds and reservations know the database's time, Redis's, and
 * monotonic clocks alone.
 */
import { type ClockFinding, clockFinding, offsetMs, type SeenTime } from '../domain/clock-offset.ts'
import type { Clock } from '../platform/clock.ts'
import { clockLimits } from '../platform/clock-limits.ts'
import type { Log } from './services.ts'

export type ClockWatchPorts = {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  /** Never rejects; null: there was no answer, or none that says enough. */
  readonly lookAtDatabase: () => Promise<SeenTime | null>
  /**
   * Of servers of other regions, by address; those that do not answer are left out. Never rejects.
   * null: this server is alone, tells of its clock, and goes on: there is nobody to step aside for.
   */
  readonly lookAtPeers: (() => Promise<ReadonlyMap<string, SeenTime>>) | null
  readonly log: Pick<Log, 'info' | 'warn'>
}

export class ClockWatch {
  readonly #ports: ClockWatchPorts
  #database: SeenTime | null = null
  readonly #peers = new Map<string, SeenTime>()
  #finding: ClockFinding = 'right'

  constructor(ports: ClockWatchPorts) {
    this.#ports = ports
  }

  /**
   * Judged when it is asked, from what was last seen: a clock that jumps is found out by the next
   * call, whether or not the database answers just then.
   */
  isOff(): boolean {
    return this.#judged() === 'off' && this.#ports.lookAtPeers !== null
  }

  /**
   * The time by which calls of other regions' servers are judged: while ours is off, the database's.
   * They go on copying our holds, so that whoever takes over has the last of them.
   */
  regionsNowMs(): number {
    const wallMs = this.#ports.clock.nowMs()
    return this.isOff() ? wallMs - (this.offsetMs() ?? 0) : wallMs
  }

  /** How far our clock is ahead of the database's; negative: behind; null: not known. */
  offsetMs(): number | null {
    return this.#database === null ? null : offsetMs(this.#ours(), this.#database)
  }

  /** One look. @returns after how many milliseconds to look again */
  async pass(): Promise<number> {
    const { lookAtDatabase, lookAtPeers } = this.#ports
    const seen = await lookAtDatabase()
    // Both become known together: meanwhile nobody acts on the database's word alone.
    if (lookAtPeers !== null && this.#isDoubtful(seen)) {
      for (const [address, peer] of await lookAtPeers()) this.#peers.set(address, peer)
    }
    if (seen !== null) this.#database = seen
    this.#judged()
    return lookAtPeers === null ? clockLimits.lookAlonePeriodMs : clockLimits.lookPeriodMs
  }

  #isDoubtful(seen: SeenTime | null): boolean {
    const database = seen ?? this.#database
    if (database === null) return false
    const ours = this.#ours()
    return clockFinding({ ours, database, peers: [], was: this.#finding }) !== 'right'
  }

  #judged(): ClockFinding {
    const ours = this.#ours()
    const isFresh = ({ atMonotonicMs }: SeenTime) =>
      ours.monotonicMs - atMonotonicMs <= clockLimits.seenForMs
    const database = this.#database
    // Without the database nothing is sold: until it answers again, all is as it was.
    if (database === null || !isFresh(database)) return this.#finding
    const peers = [...this.#peers.values()].filter(isFresh)
    this.#tell(clockFinding({ ours, database, peers, was: this.#finding }))
    return this.#finding
  }

  /** Once when it begins, and once when it ends. */
  #tell(found: ClockFinding): void {
    if (found === this.#finding) return
    this.#finding = found
    const { log, lookAtPeers } = this.#ports
    const facts = { offsetMs: Math.round(this.offsetMs() ?? 0) }
    if (found === 'right')
      log.info(facts, 'the clock of this server and that of the database agree again')
    else if (found === 'disputed') {
      log.warn(facts, "the database's clock is another than ours, and other regions agree with us")
    } else if (lookAtPeers === null) {
      log.warn(facts, 'the clock of this server is another than that of the database')
    } else log.warn(facts, 'the clock of this server is off: it steps aside until it is right')
  }

  #ours() {
    const { clock } = this.#ports
    return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
  }
}
