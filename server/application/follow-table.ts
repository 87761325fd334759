/** How far this region is with the holds of others, in memory: for the status, metrics and tests. */
import type { FollowPosition, FollowStatus, Tenure } from '../domain/hold-replication.ts'
import type { Clock } from '../platform/clock.ts'

type Known = Tenure & {
  readonly state: FollowStatus['state']
  readonly position: FollowPosition | null
}

export class FollowTable {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #known = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock
  }

  /** @param position as before unless told, if it is of the same epoch */
  tell(tenure: Tenure, state: FollowStatus['state'], position?: FollowPosition | null): void {
    const { home, epoch } = tenure
    const before = this.#known.get(home)
    const kept = before?.epoch === epoch ? before.position : null
    const next = position === undefined ? kept : position
    this.#known.set(home, { home, epoch, state, position: next })
  }

  forget(home: string): void {
    this.#known.delete(home)
  }

  /** One for each home region that another region has the authority over. */
  followStatus(): FollowStatus[] {
    return [...this.#known.values()].map(({ home, epoch, state, position }) => ({
      home,
      epoch,
      state,
      position: position?.last ?? null,
      behind: position?.behind ?? null,
      lagMs: position === null ? null : Math.max(0, this.#clock.nowMs() - position.asOfMs),
    }))
  }
}
