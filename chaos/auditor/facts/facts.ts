/** The evidence with its indexes: built once, read by every invariant. */
import type { EventFacts, LedgerLine, Row } from '../../evidence/evidence.ts'
import type { Evidence } from '../read-evidence.ts'
import { type Call, callsOf } from './calls.ts'
import { type Chains, chainsOf } from './chains.ts'
import { text } from './columns.ts'
import { type Disturbances, disturbancesOf } from './disturbances.ts'
import { type Holds, holdsOf } from './holds.ts'
import { byOrder, type OrderRow, orderOf } from './orders.ts'

export type Facts = {
  readonly evidence: Evidence
  readonly hasVersions: boolean
  /** All duties were done when the rows were dumped, so that they may be held against each other. */
  readonly isQuiet: boolean
  readonly calls: readonly Call[]
  readonly chains: Chains
  readonly holds: Holds
  readonly disturbances: Disturbances
  readonly events: ReadonlyMap<string, EventFacts>
  /** Whose sale was ended, or may have been: their orders and tickets may end after being paid. */
  readonly cancelled: ReadonlySet<string>
  readonly orders: ReadonlyMap<string, OrderRow>
  readonly payments: ReadonlyMap<string, Row>
  readonly tickets: ReadonlyMap<string, readonly Row[]>
  readonly ledger: ReadonlyMap<string, readonly LedgerLine[]>
}

export function factsOf(evidence: Evidence): Facts {
  const { run, history, versions, rows, ledger } = evidence
  const calls = callsOf(history)
  const chains = chainsOf(run.hasVersions ? versions : [])
  const orders = rows.orders.map(orderOf)
  return {
    evidence,
    hasVersions: run.hasVersions,
    isQuiet: run.quietAt !== null,
    calls,
    chains,
    holds: holdsOf(calls, chains),
    disturbances: disturbancesOf(evidence, chains),
    events: new Map(run.events.map((event) => [event.id, event])),
    cancelled: cancelledOf(evidence, calls),
    orders: new Map(orders.map((order) => [order.id, order])),
    payments: new Map(rows.payments.map((row) => [text(row, 'order_id'), row])),
    tickets: byOrder(rows.tickets),
    ledger: ledgerByOrder(ledger),
  }
}

function cancelledOf({ rows }: Evidence, calls: readonly Call[]): Set<string> {
  const cancelled = new Set<string>()
  for (const call of calls) {
    if (call.op === 'event.cancel' && call.fail === null) cancelled.add(call.invoke.args.event)
  }
  for (const row of rows.event_sales) {
    if (row['state'] === 'cancelled') cancelled.add(text(row, 'event_id'))
  }
  return cancelled
}

function ledgerByOrder(ledger: readonly LedgerLine[]): Map<string, LedgerLine[]> {
  const found = new Map<string, LedgerLine[]>()
  for (const line of ledger) {
    if (line.order === null) continue
    const some = found.get(line.order)
    if (some === undefined) found.set(line.order, [line])
    else some.push(line)
  }
  return found
}

/** The home region of an event, as the run has it; '' where the run knows no such event. */
export function homeOf(facts: Facts, event: string): string {
  return facts.events.get(event)?.home ?? ''
}
