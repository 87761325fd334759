/**
 * What the simulator remembers. Records are immutable: a change is a new object, so that events
 * and stored answers can point at the version they speak of instead of copying its text.
 */

export type IntentStatus =
  | 'canceled'
  | 'processing'
  | 'requires_action'
  | 'requires_capture'
  | 'requires_confirmation'
  | 'requires_payment_method'
  | 'succeeded'

export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual'

export type Metadata = Readonly<Record<string, string>>

/** Why the last attempt to pay failed. */
export interface PaymentError {
  readonly code: string
  readonly message: string
  readonly declineCode: string | null
  readonly adviceCode: string | null
  readonly charge: string | null
  readonly paymentMethod: string | null
}

/** Amounts are integers in minor units; times are Unix seconds. */
export interface IntentRecord {
  readonly kind: 'payment_intent'
  readonly id: string
  readonly created: number
  readonly amount: number
  readonly amountCapturable: number
  readonly amountReceived: number
  readonly currency: string
  readonly captureMethod: CaptureMethod
  readonly status: IntentStatus
  readonly clientSecret: string
  readonly metadata: Metadata
  readonly description: string | null
  readonly receiptEmail: string | null
  /** The types that the caller allows; null leaves the choice to Stripe. */
  readonly allowedTypes: readonly string[] | null
  /** Null when the caller named the types: none of those that are known here redirects. */
  readonly automaticRedirects: 'always' | 'never' | null
  readonly paymentMethodTypes: readonly string[]
  readonly paymentMethod: string | null
  readonly returnUrl: string | null
  readonly latestCharge: string | null
  readonly charges: readonly string[]
  readonly lastPaymentError: PaymentError | null
  readonly canceledAt: number | null
  readonly cancellationReason: string | null
}

export interface ChargeRecord {
  readonly kind: 'charge'
  readonly id: string
  readonly created: number
  readonly intent: string
  readonly amount: number
  readonly amountCaptured: number
  /** What went back: refunds, and the part of an authorisation that was let go. */
  readonly amountRefunded: number
  readonly currency: string
  readonly status: 'failed' | 'pending' | 'succeeded'
  readonly captured: boolean
  readonly failure: PaymentError | null
  readonly paymentMethod: string
  readonly metadata: Metadata
  readonly description: string | null
  readonly receiptEmail: string | null
  readonly refunds: readonly string[]
}

export interface RefundRecord {
  readonly kind: 'refund'
  readonly id: string
  readonly created: number
  readonly intent: string
  readonly charge: string
  readonly amount: number
  readonly currency: string
  readonly reason: string | null
  readonly metadata: Metadata
}

export type SubjectRecord = IntentRecord | ChargeRecord | RefundRecord

export interface EventRecord {
  readonly kind: 'event'
  readonly id: string
  readonly created: number
  readonly type: string
  /** The object as it was when the event happened. */
  readonly subject: SubjectRecord
  readonly requestId: string | null
  readonly idempotencyKey: string | null
}

export type AnyRecord = SubjectRecord | EventRecord

/** Nothing more will happen to its authorisation. */
export function isFinished(intent: IntentRecord): boolean {
  return intent.status === 'succeeded' || intent.status === 'canceled'
}
