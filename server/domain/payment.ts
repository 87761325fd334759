/** The payment provider as orders see it, and what to do next when it and an order disagree. */
import type { OrderId } from '../platform/ids.ts'
import type { Money } from './money.ts'

/** Of a PaymentIntent with manual capture. https://docs.stripe.com/payments/paymentintents/lifecycle */
export type IntentStatus =
  | 'needs-card'
  | 'needs-action'
  | 'processing'
  | 'authorized'
  | 'captured'
  /** Let go, or given back wholly: there is no money of it, and none can come. */
  | 'canceled'

export type Intent = {
  readonly id: string
  readonly status: IntentStatus
  readonly order: OrderId | null
  readonly amount: Money
  /** Given to the fan's browser only; never logged, never stored. */
  readonly clientSecret: string | null
  /** Where the fan proves who they are (3-D Secure), while the status is needs-action. */
  readonly actionUrl: string | null
  /** Why the last card was refused, as the provider codes it. */
  readonly declineCode: string | null
}

export type PaymentGateway = {
  /** Makes the intent of an order, or finds it: the key is derived from the order's id. */
  create(order: { readonly id: OrderId; readonly total: Money }): Promise<Intent>
  retrieve(intentId: string): Promise<Intent>
  /** Tries a card. A decline is an intent in needs-card with its decline code, not an error. */
  confirm(attempt: {
    readonly intentId: string
    readonly paymentMethod: string
    /** Fresh for each card that a fan tries, the same when one try is repeated. */
    readonly key: string
  }): Promise<Intent>
  /** Takes the authorized money. Repeating it is harmless. */
  capture(intentId: string): Promise<Intent>
  /** Gives an authorization back, or makes sure that none can come. Repeating it is harmless. */
  cancel(intentId: string): Promise<Intent>
}

/** What the provider has on its own, whatever we know of it: for whoever compares the two. */
export type PaymentLedger = {
  /** Of the intents made in that time, the newest first. */
  intents(made: { readonly from: Date; readonly to: Date }): AsyncIterable<LedgerIntent>
  cancel(intentId: string): Promise<Intent>
  /** All that was captured. Repeating it is harmless. */
  refund(intentId: string): Promise<void>
}

export type LedgerIntent = Pick<Intent, 'id' | 'status' | 'order' | 'amount'> & {
  readonly madeAt: Date
}
