/**
 * What the payment provider has, held against our orders, and what to do where they disagree: after
 * the database was restored to an older moment, it has forgotten orders whose money was taken.
 */
import type { OrderState } from './order.ts'
import type { IntentStatus } from './payment.ts'

/** What we know of the order that an intent names. */
export type KnownOrder = {
  readonly state: OrderState
  /** The intent that the order is paid by; null: it is free. */
  readonly intentId: string | null
}

export type Finding =
  /** They agree, or the servers will see to it: what is owed stands in the outbox. */
  | 'agrees'
  /** No order has it, and its money is not taken: it must never be. */
  | 'cancel'
  /** Its money was taken, and it has no order, or one that ended without tickets. */
  | 'refund'
  /** Tickets without money: a person must decide. */
  | 'unpaid'
  /** The provider still thinks about it: look again. */
  | 'wait'

/** @param order null: the database has none of that id */
export function findingOf(
  intent: { readonly id: string; readonly status: IntentStatus },
  order: KnownOrder | null,
): Finding {
  const { status } = intent
  if (order === null || order.intentId !== intent.id) return withoutOrder(status)
  switch (order.state) {
    // Asked for by its fan or its reminder, it is settled by what the intent is.
    case 'pending':
      return 'agrees'
    case 'paid':
      return status === 'captured' || status === 'authorized' ? 'agrees' : 'unpaid'
    case 'void':
      return status === 'captured' ? 'refund' : 'agrees'
  }
}

function withoutOrder(status: IntentStatus): Finding {
  switch (status) {
    case 'canceled':
      return 'agrees'
    case 'captured':
      return 'refund'
    case 'processing':
      return 'wait'
    case 'needs-card':
    case 'needs-action':
    case 'authorized':
      return 'cancel'
  }
}
