/**
 * Holds every payment of a time against its order. Looks, and where it is told to acts: cancels what
 * has no order, gives back what was taken for none. Orders are never changed here; what they owe
 * is done by the servers.
 */
import type { LedgerIntent, PaymentLedger } from '../domain/payment.ts'
import { type Finding, findingOf } from '../domain/reconciliation.ts'
import { idPatterns, type OrderId } from '../platform/ids.ts'
import type { RegionTable } from '../platform/regions.ts'
import type { Database } from '../stores/database.ts'
import { findOrder } from '../stores/sale/orders.ts'

export type Reconciled = {
  readonly intent: LedgerIntent
  /** `foreign`: it names no order of this installation, and is left alone. */
  readonly finding: Finding | 'foreign'
  /** Null: the database has no such order. */
  readonly orderState: 'pending' | 'paid' | 'void' | null
  /** Of `cancel` and `refund`: null where nothing was asked for, else whether it is done. */
  readonly done: boolean | null
  /** Why it is not done. */
  readonly fault: string | null
}

export type ReconcileWish = {
  readonly from: Date
  readonly to: Date
  readonly isToAct: boolean
}

type Needs = {
  readonly db: Database
  readonly regions: RegionTable
  readonly ledger: PaymentLedger
}

export async function* reconcilePayments(
  needs: Needs,
  { from, to, isToAct }: ReconcileWish,
): AsyncGenerator<Reconciled> {
  for await (const intent of needs.ledger.intents({ from, to })) {
    const known = await orderOf(needs, intent)
    if (known === 'foreign') {
      yield { intent, finding: 'foreign', orderState: null, done: null, fault: null }
      continue
    }
    const finding = findingOf(intent, known)
    const acted = isToAct ? await act(needs.ledger, intent, finding) : nothingAsked
    yield { intent, finding, orderState: known?.state ?? null, ...acted }
  }
}

/** What others have written into the metadata of an account's payments may be anything. */
async function orderOf({ db, regions }: Needs, { order }: LedgerIntent) {
  if (order === null || !idPatterns.ord.test(order)) return 'foreign'
  const region = regions.homeOf('ord', order)
  if (region === null) return 'foreign'
  const record = await findOrder(db, { region, id: order satisfies OrderId })
  if (record === null) return null
  return { state: record.order.state, intentId: record.payment?.intentId ?? null }
}

type Acted = Pick<Reconciled, 'done' | 'fault'>

const nothingAsked: Acted = { done: null, fault: null }

async function act(ledger: PaymentLedger, { id }: LedgerIntent, finding: Finding): Promise<Acted> {
  if (finding !== 'cancel' && finding !== 'refund') return nothingAsked
  try {
    if (finding === 'refund') await ledger.refund(id)
    else if ((await ledger.cancel(id)).status !== 'canceled') return notDone('it changed meanwhile')
    return { done: true, fault: null }
  } catch (cause) {
    return notDone(cause instanceof Error ? cause.message : String(cause))
  }
}

function notDone(fault: string): Acted {
  return { done: false, fault }
}
