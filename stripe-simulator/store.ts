/**
 * All objects of the simulator, in memory and bounded. The newest version of a record is the one
 * that counts; only a unit of work and the journal's loader put records here.
 */

import { addTotals, type Dropped, ledgerLine } from './ledger.ts'
import { limits } from './limits.ts'
import {
  type AnyRecord,
  type ChargeRecord,
  type EventRecord,
  type IntentRecord,
  isFinished,
  type RefundRecord,
} from './records.ts'
import { Shelf } from './shelf.ts'

const nothingDropped: Dropped = { intents: 0, totals: {} }

export class Store {
  readonly intents = new Shelf<IntentRecord>()
  readonly charges = new Shelf<ChargeRecord>()
  readonly refunds = new Shelf<RefundRecord>()
  readonly events = new Shelf<EventRecord>()
  readonly maxIntents: number
  /** Finished intents in the order of their finishing: the next to be dropped is the first. */
  readonly #finished = new Shelf<IntentRecord>()
  #dropped = nothingDropped

  constructor(maxIntents: number) {
    this.maxIntents = maxIntents
  }

  /** No room for one more, and nothing that may be dropped. */
  get isFull(): boolean {
    return this.intents.size >= this.maxIntents * limits.unfinishedIntentsFactor
  }

  /** Sums of what was dropped, so that totals stay true for ever. */
  get dropped(): Dropped {
    return this.#dropped
  }

  restoreDropped(dropped: Dropped): void {
    this.#dropped = dropped
  }

  put(record: AnyRecord): void {
    switch (record.kind) {
      case 'payment_intent':
        this.intents.put(record)
        if (isFinished(record)) this.#finished.put(record)
        this.#dropOldIntents()
        break
      case 'charge':
        this.charges.put(record)
        break
      case 'refund':
        this.refunds.put(record)
        break
      case 'event':
        this.events.put(record)
        this.#dropOldEvents()
        break
    }
  }

  clear(): void {
    this.intents.clear()
    this.charges.clear()
    this.refunds.clear()
    this.events.clear()
    this.#finished.clear()
    this.#dropped = nothingDropped
  }

  #dropOldIntents(): void {
    while (this.intents.size > this.maxIntents) {
      const oldest = this.#finished.oldest()
      if (oldest === undefined) return
      const intent = this.intents.get(oldest.id) ?? oldest
      const totals = addTotals(this.#dropped.totals, ledgerLine(this, intent))
      this.#dropped = { intents: this.#dropped.intents + 1, totals }
      this.#finished.delete(intent.id)
      this.intents.delete(intent.id)
      for (const id of intent.charges) this.#dropCharge(id)
    }
  }

  #dropCharge(id: string): void {
    for (const refund of this.charges.get(id)?.refunds ?? []) this.refunds.delete(refund)
    this.charges.delete(id)
  }

  #dropOldEvents(): void {
    while (this.events.size > this.maxIntents * limits.eventsPerIntent) {
      const oldest = this.events.oldest()
      if (oldest === undefined) return
      this.events.delete(oldest.id)
    }
  }
}
