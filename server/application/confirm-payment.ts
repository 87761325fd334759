/**
 * Tries a card on a pending order and, when it is authorized, completes the order. For test cards:
 * with real ones the fan's browser talks to Stripe itself and then asks for the status here.
 */
import type { Person } from '../domain/access.ts'
import { refuse } from '../domain/refusal.ts'
import type { OrderId } from '../platform/ids.ts'
import { type CheckoutStatus, checkoutOf, payable } from './checkout-status.ts'
import { ownOrder } from './orders.ts'
import { orRefused } from './payment-refusals.ts'
import type { Services } from './services.ts'
import { settleOrder } from './settle-order.ts'

export type ConfirmPaymentInput = {
  readonly order: OrderId
  /** One for each card that the fan tries, kept over retries of that try. */
  readonly key: string
  /** A test payment method of Stripe, for example pm_card_visa. */
  readonly paymentMethod: string
}

export async function confirmPayment(
  services: Services,
  caller: Person,
  input: ConfirmPaymentInput,
): Promise<CheckoutStatus> {
  const record = await ownOrder(services, caller, input.order)
  if (record.order.state === 'paid') return checkoutOf(record, null)
  const payment = payable(record)
  const { paymentMethod, key } = input
  const { intentId } = payment
  const intent = await orRefused(services.payments.confirm({ intentId, paymentMethod, key }))
  if (intent.status === 'needs-card') {
    return refuse('CARD_DECLINED', 'The card was declined. Try another one.', {
      declineCode: intent.declineCode ?? 'card_declined',
    })
  }
  if (intent.status === 'needs-action') return checkoutOf(record, intent)
  return checkoutOf(await settleOrder(services, record), intent)
}
