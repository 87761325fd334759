/**
 * What is due, from a copy that may be some seconds old. It goes on showing what was claimed
 * meanwhile, the oldest first, so that a worker which only took the first rows would come no further
 * until the copy moves on. So a scan leaves out what it has seen claimed, by id and the time at
 * which it was due: each claim gives a row another such time, and what is due again shows that one.
 */
import { limits } from '../platform/limits.ts'
import type { Database } from '../stores/database.ts'
import { type DueDuty, listDue } from '../stores/sale/outbox.ts'

export type DueBatch = {
  readonly ids: readonly string[]
  /** How long the oldest of them has been due; 0 when none is. */
  readonly oldestDueMs: number
}

export class DueScan {
  #spent = new Map<string, number>()
  #shown: readonly DueDuty[] = []

  /** At most a batch that this scan has not seen claimed. */
  async next(db: Database, region: string): Promise<DueBatch> {
    const wanted = limits.workerBatchMax + this.#spent.size
    const rows = await listDue(db, { region, limit: Math.min(wanted, limits.dueRowsMax) })
    const isSpent = ({ id, dueAtMs }: DueDuty) => this.#spent.get(id) === dueAtMs
    const spent = rows.filter(isSpent)
    // What the copy no longer shows it will not show again.
    this.#spent = new Map(spent.map(({ id, dueAtMs }) => [id, dueAtMs]))
    this.#shown = rows.filter((row) => !isSpent(row)).slice(0, limits.workerBatchMax)
    return {
      ids: this.#shown.map(({ id }) => id),
      oldestDueMs: this.#shown[0]?.overdueMs ?? 0,
    }
  }

  /** The batch was claimed, by this worker or before by another. */
  claimed(): void {
    for (const { id, dueAtMs } of this.#shown) this.#spent.set(id, dueAtMs)
    this.#shown = []
  }
}
