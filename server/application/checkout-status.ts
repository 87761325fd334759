/** Where a checkout stands. Asking also settles: a fan who paid need not wait for a webhook. */
import type { Person } from '../domain/access.ts'
import type { Intent } from '../domain/payment.ts'
import { refuse } from '../domain/refusal.ts'
import type { OrderId } from '../platform/ids.ts'
import type { OrderRecord } from '../stores/sale/orders.ts'
import { ownOrder } from './orders.ts'
import type { Services } from './services.ts'
import { settleOrder } from './settle-order.ts'

export type CheckoutStatus = {
  readonly record: OrderRecord
  /** Where the fan must prove who they are, while the bank asks for it. */
  readonly actionUrl: string | null
}

export async function checkoutStatus(
  services: Services,
  caller: Person,
  input: { readonly order: OrderId },
): Promise<CheckoutStatus> {
  const record = await ownOrder(services, caller, input.order)
  if (record.order.state !== 'pending' || record.payment === null) {
    return checkoutOf(await settleOrder(services, record), null)
  }
  const settled = await settleOrder(services, record)
  if (settled.order.state !== 'pending') return checkoutOf(settled, null)
  return checkoutOf(settled, await services.payments.retrieve(record.payment.intentId))
}

export function checkoutOf(record: OrderRecord, intent: Intent | null): CheckoutStatus {
  const open = record.order.state === 'pending'
  return { record, actionUrl: open ? (intent?.actionUrl ?? null) : null }
}

/** The payment of an order that can still be paid, or a refusal. */
export function payable(record: OrderRecord): NonNullable<OrderRecord['payment']> {
  if (record.order.state !== 'pending' || record.expired || record.payment === null) {
    return refuse('ORDER_ENDED', 'This order can no longer be paid. Hold the seats again.')
  }
  return record.payment
}
