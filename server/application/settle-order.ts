/**
 * Brings a pending order and its money together: complete, let go, or wait. One path for the fan
 * who has just paid, the webhook, the reminder in the outbox and the retry after a crash; running
 * it twice, or twice at once, ends the same.
 */

import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { holdOfOrder, type Order, unitsOf } from '../domain/order.ts'
import { refuse } from '../domain/refusal.ts'
import { settlementOf } from '../domain/settlement.ts'
import { present, unreachable } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import { traceparentNow } from '../platform/trace-context.ts'
import { GuardFailedError, readAfter, UnknownOutcomeError } from '../stores/outcome.ts'
import { readAlready } from '../stores/sale/buyer-already-has.ts'
import { completeLateOrder } from '../stores/sale/complete-late-order.ts'
import {
  type CompletedAt,
  completeOrders,
  type OrderToComplete,
} from '../stores/sale/complete-orders.ts'
import { findOrder, type OrderRecord } from '../stores/sale/orders.ts'
import { type VoidReason, voidOrders } from '../stores/sale/void-orders.ts'
import { readSaleFacts, type SaleFacts } from '../stores/sale/why-refused.ts'
import { type SaleView, saleOf } from './sale-view.ts'
import type { Services } from './services.ts'

type Needs = Pick<
  Services,
  | 'db'
  | 'events'
  | 'authorities'
  | 'regions'
  | 'holdBook'
  | 'payments'
  | 'metrics'
  | 'log'
  | 'nudge'
>

/**
 * @returns the order as it stands afterwards
 * @throws RefusedError OLD_EPOCH | OUTCOME_UNKNOWN, PaymentUnavailableError: settle again later
 */
export async function settleOrder(services: Needs, record: OrderRecord): Promise<OrderRecord> {
  if (record.order.state !== 'pending') return record
  const sale = await saleOf(services, record.order.event)
  const intent =
    record.payment === null ? null : await services.payments.retrieve(record.payment.intentId)
  const step = settlementOf({ intent: intent?.status ?? null, expired: record.expired })
  const settlement = { sale, record }
  switch (step) {
    case 'wait':
      return record
    case 'complete':
      return complete(services, settlement)
    case 'void':
      return endUnpaid(services, settlement, record.expired ? 'expired' : 'canceled')
    default:
      return unreachable(step)
  }
}

type Settlement = { readonly sale: SaleView; readonly record: OrderRecord }

async function complete(services: Needs, settlement: Settlement): Promise<OrderRecord> {
  const { record } = settlement
  const { order } = record
  if (record.expired && !(await seatsStillFree(services, settlement))) {
    const reason = await whyEnded(services, settlement, await readFacts(services, settlement))
    return endUnpaid(services, settlement, reason ?? 'seats-gone')
  }
  let paidAt: Date
  try {
    paidAt = (await completeInTime(services, settlement)).paidAt
  } catch (cause) {
    if (cause instanceof UnknownOutcomeError) return settleUnknown(services, settlement, cause)
    if (cause instanceof GuardFailedError) return notCompleted(services, settlement)
    throw cause
  }
  services.metrics.sold(order.lines.length)
  tellBook(services, settlement)
  services.nudge()
  const payment = record.payment && { ...record.payment, state: 'authorized' as const }
  const paid: Order = { ...order, state: 'paid', paidAt, version: order.version + 1 }
  return { order: paid, payment, expired: false }
}

/** Late ones by a statement of their own: the hot one need not count what a buyer has. */
async function completeInTime(services: Needs, settlement: Settlement): Promise<CompletedAt> {
  const { sale, record } = settlement
  const { event, buyer, expiresAt } = record.order
  const { region, epoch } = sale.scope
  const scope = { region, epoch, event }
  const order = paidOrder(record)
  // Asked now: since the record was read, the bank may have taken its time.
  const leftMs = expiresAt.getTime() - (await services.events.databaseNowMs())
  if (record.expired || leftMs < limits.lateBeforeMs) {
    return completeLateOrder(services.db, { ...scope, buyer, order })
  }
  return completeOrders(services.db, { ...scope, orders: [order] })
}

function paidOrder({ order, payment }: OrderRecord): OrderToComplete {
  const hasPayment = payment !== null
  return { id: order.id, units: unitsOf(order), hasPayment, trace: traceparentNow() }
}

/**
 * Late money takes the same seats or none: not those that somebody else holds by now. The holds of
 * the SQL book are claims, which the completing statement judges itself.
 */
async function seatsStillFree(services: Needs, { sale, record }: Settlement): Promise<boolean> {
  if (services.holdBook.kind === 'sql') return true
  try {
    const hold = holdOfOrder(record.order)
    const outcome = await services.holdBook.reserve(sale.scope, hold, limits.reservationSlackMs)
    return outcome.kind === 'reserved'
  } catch (cause) {
    if (!(cause instanceof HoldBookUnavailableError)) throw cause
    return true
  }
}

/** The guard failed: settled before, seats gone, over the limit by now, or authority moved. */
async function notCompleted(services: Needs, settlement: Settlement): Promise<OrderRecord> {
  const { sale } = settlement
  const { order } = settlement.record
  const { region, epoch } = sale.scope
  const now = present(await findOrder(services.db, { region, id: order.id }), 'the order')
  if (now.order.state !== 'pending') return now
  const facts = await readFacts(services, settlement)
  if (facts.epoch !== epoch) {
    services.events.invalidate(order.event)
    return refuse('OLD_EPOCH', 'Sales of this event moved to another server. Try again.')
  }
  const reason = await whyEnded(services, settlement, facts)
  if (reason !== null) return endUnpaid(services, { sale, record: now }, reason)
  return refuse('OUTCOME_UNKNOWN', 'The order is being settled. Ask for it by its key.')
}

function readFacts({ db }: Needs, { sale, record }: Settlement): Promise<SaleFacts> {
  const { order } = record
  const { event, buyer } = order
  const { region } = sale.scope
  return readSaleFacts(db, { region, event, buyer, units: unitsOf(order) })
}

/** Why the order cannot have its seats, or null: nothing is in its way any more. */
async function whyEnded(
  { db }: Needs,
  settlement: Settlement,
  { sale, taken }: SaleFacts,
): Promise<VoidReason | null> {
  const { id, event, buyer, lines } = settlement.record.order
  if (sale?.cancelled) return 'event-cancelled'
  if (taken.some((unit) => unit.order !== id)) return 'seats-gone'
  const { region } = settlement.sale.scope
  const already = await readAlready(db, { region, event, buyer, beside: id })
  const isOver = sale !== null && already > 0 && already + lines.length > sale.limitPerBuyer
  return isOver ? 'over-limit' : null
}

/** No answer from the database: what the order has become is the answer. */
async function settleUnknown(
  services: Needs,
  settlement: Settlement,
  cause: UnknownOutcomeError,
): Promise<OrderRecord> {
  const { id } = settlement.record.order
  const { region } = settlement.sale.scope
  const now = await readAfter(cause, () => findOrder(services.db, { region, id }))
  if (now !== null && now.order.state !== 'pending') return now
  throw cause
}

/**
 * The order ends in SQL first: there completing and ending exclude each other. Its money is let go
 * by the outbox afterwards, so that a payment which comes in between is never taken from an order
 * that has its tickets, and never kept from a fan who has none.
 */
async function endUnpaid(
  services: Needs,
  settlement: Settlement,
  reason: VoidReason,
): Promise<OrderRecord> {
  const { sale, record } = settlement
  const { order } = record
  const { region, epoch } = sale.scope
  try {
    const orders = [{ id: order.id, units: unitsOf(order), trace: traceparentNow() }]
    await voidOrders(services.db, { region, epoch, event: order.event, reason, orders })
  } catch (cause) {
    if (!(cause instanceof GuardFailedError) && !(cause instanceof UnknownOutcomeError)) throw cause
    const found = await readAfter(cause, () => findOrder(services.db, { region, id: order.id }))
    const now = present(found, 'the order')
    if (now.order.state === 'pending') {
      services.events.invalidate(order.event)
      return refuse('OUTCOME_UNKNOWN', 'The order is being settled. Ask for it by its key.')
    }
    return now
  }
  services.nudge()
  const payment = record.payment && { ...record.payment, state: 'voided' as const }
  const voided: Order = { ...order, state: 'void', voidReason: reason, version: order.version + 1 }
  return { ...record, order: voided, payment }
}

/** At once for the seat map's sake; the outbox tells it again if this is lost. */
function tellBook(services: Needs, { sale, record }: Settlement): void {
  const { id, buyer } = record.order
  services.holdBook
    .convert(sale.scope, { id, buyer, units: unitsOf(record.order) })
    .catch((cause: unknown) => services.log.warn({ err: cause }, 'the hold book was not told yet'))
}
