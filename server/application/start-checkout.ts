/**
 * From a hold to a pending order: the hold is kept for the time of payment, an authorization is
 * prepared, then one statement reserves the seats. The signed hold token is all that is needed,
 * so that a fan can still pay when the hold book is gone: SQL decides.
 *
 * The intent is made before the statement, so that its id lands in the same commit as the order.
 * It cannot charge: its secret leaves only with the answer, after the commit.
 */
import type { Person } from '../domain/access.ts'
import type { Hold } from '../domain/hold.ts'
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { linesOf, totalOf } from '../domain/order.ts'
import type { Intent } from '../domain/payment.ts'
import { refuse } from '../domain/refusal.ts'
import { limits } from '../platform/limits.ts'
import { findOrder, type OrderRecord } from '../stores/sale/orders.ts'
import { orRefused } from './payment-refusals.ts'
import { placeOrder } from './place-order.ts'
import { assertOurs, type SaleView, saleOf } from './sale-view.ts'
import type { Services } from './services.ts'
import { settleOrder } from './settle-order.ts'

export type StartCheckoutInput = { readonly holdToken: string }

export type Checkout = { readonly record: OrderRecord; readonly intent: Intent | null }

export async function startCheckout(
  services: Services,
  caller: Person,
  input: StartCheckoutInput,
): Promise<Checkout> {
  const hold = await services.holdTokens.verify(input.holdToken)
  if (hold === null || hold.buyer !== caller.id) {
    return refuse('HOLD_TOKEN_INVALID', 'This is no hold token of yours. Hold the seats again.')
  }
  const sale = await saleOf(services, hold.event)
  if (!(await isLiving(services, sale, hold))) return answerRepeated(services, hold)
  const lines = linesOf(hold, sale.scope.seatMap)
  const total = { amount: totalOf(lines), currency: hold.terms.currency }
  const intent =
    total.amount === 0 ? null : await orRefused(services.payments.create({ id: hold.id, total }))
  // Only now: while payments do not answer, the hold stays the fan's to extend or give back.
  if (!(await keepForPayment(services, sale, hold))) return answerRepeated(services, hold)
  const placed = await placeOrder(services, { sale, hold, lines, intent })
  if (placed.payment === null) {
    return { record: await settleOrder(services, placed), intent: null }
  }
  // A twin's order may have another intent; only the order's own may be paid.
  if (placed.payment.intentId !== intent?.id) return withItsIntent(services, placed)
  return { record: placed, intent: stillOpen(placed) ? intent : null }
}

/**
 * The token may be older than an extension of the hold: then the book knows better. A hold of the
 * same id with other seats is another wish under an old key, and not what this token promised.
 */
async function isLiving(
  services: Pick<Services, 'authorities' | 'holdBook'>,
  sale: SaleView,
  hold: Hold,
): Promise<boolean> {
  if (hold.expiresInMs > 0) return true
  try {
    const living = await services.holdBook.find(sale.scope, hold.id)
    assertOurs(services, sale.scope)
    return living !== null && living.units.join() === hold.units.join()
  } catch (cause) {
    if (!(cause instanceof HoldBookUnavailableError)) throw cause
    return false
  }
}

/**
 * Keeps the units in the hold book beyond the reservation. False: the hold is over. Where the
 * book is out of reach the token's own expiry is trusted, and SQL has the last word anyway.
 */
async function keepForPayment(
  services: Pick<Services, 'authorities' | 'holdBook' | 'log'>,
  sale: SaleView,
  hold: Hold,
): Promise<boolean> {
  const keepMs = limits.reservationMs + limits.reservationSlackMs
  try {
    const outcome = await services.holdBook.reserve(sale.scope, hold, keepMs)
    assertOurs(services, sale.scope)
    return outcome.kind === 'reserved'
  } catch (cause) {
    if (!(cause instanceof HoldBookUnavailableError)) throw cause
    services.log.warn({ err: cause }, 'checkout goes on without the hold book')
    return true
  }
}

/** The hold is over: either its order exists already, and this is a repeated call, or it lapsed. */
async function answerRepeated(
  services: Pick<Services, 'db' | 'payments' | 'regions'>,
  hold: Hold,
): Promise<Checkout> {
  const region = services.regions.homeOf('ord', hold.id)
  const record = region === null ? null : await findOrder(services.db, { region, id: hold.id })
  if (record === null) {
    return refuse('HOLD_EXPIRED', 'The hold has run out. Hold the seats again with a new key.')
  }
  return withItsIntent(services, record)
}

async function withItsIntent(
  { payments }: Pick<Services, 'payments'>,
  record: OrderRecord,
): Promise<Checkout> {
  const isOpen = record.payment !== null && stillOpen(record)
  return { record, intent: isOpen ? await payments.retrieve(record.payment.intentId) : null }
}

/** Only a pending order still needs its payment's secret. */
function stillOpen(record: OrderRecord): boolean {
  return record.order.state === 'pending' && !record.expired
}
