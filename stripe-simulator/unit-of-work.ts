/**
 * The changes of one request. Records go into the store at once (nothing runs in between: a request
 * is one turn of the event loop); what changed is collected for the journal and the webhooks.
 */
import { newId } from './identifiers.ts'
import type { AnyRecord, EventRecord, SubjectRecord } from './records.ts'
import type { Store } from './store.ts'

/** Who asked; both null when the simulator acts by itself. */
export interface Origin {
  readonly requestId: string | null
  readonly idempotencyKey: string | null
}

export class UnitOfWork {
  readonly store: Store
  readonly nowSeconds: number
  /** Every version that was written, in order. */
  readonly written: AnyRecord[] = []
  readonly #origin: Origin

  constructor(store: Store, nowSeconds: number, origin: Origin) {
    this.store = store
    this.nowSeconds = nowSeconds
    this.#origin = origin
  }

  put<T extends SubjectRecord>(record: T): T {
    this.store.put(record)
    this.written.push(record)
    return record
  }

  emit(type: string, subject: SubjectRecord): void {
    const event: EventRecord = {
      kind: 'event',
      id: newId('evt_3'),
      created: this.nowSeconds,
      type,
      subject,
      ...this.#origin,
    }
    this.store.put(event)
    this.written.push(event)
  }

  get events(): EventRecord[] {
    return this.written.filter((record) => record.kind === 'event')
  }
}
