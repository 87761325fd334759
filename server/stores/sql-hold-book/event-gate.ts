/**
 * Lets a few calls at a time work on one event; the others wait in turn, bounded. PostgreSQL at
 * SERIALIZABLE serves one writer of an event at a time best: rivals would only fail one another.
 */
import pLimit, { type LimitFunction } from 'p-limit'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { RefusedError, refusal } from '../../domain/refusal.ts'
import type { EventId } from '../../platform/ids.ts'

export class EventGate {
  readonly #width: number
  readonly #gates = new Map<EventId, LimitFunction>()

  constructor(width: number) {
    this.#width = width
  }

  /** @throws RefusedError CONTENTION when too many wait already */
  async pass<T>(event: EventId, work: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(event) ?? pLimit(this.#width)
    this.#gates.set(event, gate)
    if (gate.pendingCount >= holdBookLimits.waitingPerEventMax) {
      throw new RefusedError(refusal('CONTENTION', 'Very many want seats at once. Try again.'))
    }
    try {
      return await gate(work)
    } finally {
      if (gate.activeCount + gate.pendingCount === 0) this.#gates.delete(event)
    }
  }
}
