/**
 * What the simulator holds, for tests and for curious people. Both reports are made on demand and
 * change nothing.
 */
import { parseFormBody } from './form-body.ts'
import { addTotals, type LedgerLine, ledgerLine, type Totals } from './ledger.ts'
import { limits } from './limits.ts'
import type { AnyRecord } from './records.ts'
import { type Json, renderRecord } from './render.ts'
import type { Shelf } from './shelf.ts'
import type { Store } from './store.ts'
import type { World } from './world.ts'

/** Counts of everything, and the newest objects (`?limit=`, 1,000 unless said otherwise). */
export function readState(world: World, query: string): object {
  const wanted = Number(parseFormBody(query)['limit'] ?? limits.statePage)
  const limit = Number.isInteger(wanted) && wanted >= 0 ? wanted : limits.statePage
  const { store, keys, faults, webhooks, clock } = world
  const newest = <T extends AnyRecord>(shelf: Shelf<T>): Json[] => {
    const page: Json[] = []
    for (const record of shelf.newestFirst()) {
      if (page.length >= limit) break
      page.push(renderRecord(record, world.render))
    }
    return page
  }
  return {
    counts: {
      intents: store.intents.size,
      charges: store.charges.size,
      refunds: store.refunds.size,
      events: store.events.size,
      idempotencyKeys: keys.size,
      droppedIntents: store.dropped.intents,
    },
    clockOffsetMs: clock.offsetMs,
    faultsFelt: faults.felt(),
    webhooks: webhooks.counts(),
    intents: newest(store.intents),
    charges: newest(store.charges),
    refunds: newest(store.refunds),
    events: newest(store.events),
  }
}

/**
 * A line for each intent, oldest first, and totals by currency. The totals include the intents that
 * were dropped to bound the memory; `dropped` says what they were.
 */
export function readLedger(store: Store): object {
  const lines: LedgerLine[] = []
  let totals: Totals = store.dropped.totals
  for (const intent of store.intents.oldestFirst()) {
    const line = ledgerLine(store, intent)
    totals = addTotals(totals, line)
    lines.push(line)
  }
  return { totals, dropped: store.dropped, intents: lines }
}
