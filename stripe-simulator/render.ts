/**
 * Records as Stripe's objects, version 2026-10-28.endive. Fields that the simulator does not model
 * are there with the value that Stripe sends when they are unused.
 */

import type {
  AnyRecord,
  ChargeRecord,
  EventRecord,
  IntentRecord,
  PaymentError,
  RefundRecord,
} from './records.ts'
import { cardOf } from './test-cards.ts'

export const apiVersion = '2026-10-28.endive'

/** `baseUrl` is where the 3-D Secure page is; without a trailing slash. */
export interface RenderOptions {
  readonly baseUrl: string
}

export type Json = Readonly<Record<string, unknown>>

export function renderRecord(record: AnyRecord, options: RenderOptions): Json {
  switch (record.kind) {
    case 'payment_intent':
      return renderIntent(record, options)
    case 'charge':
      return renderCharge(record)
    case 'refund':
      return renderRefund(record)
    case 'event':
      return renderEvent(record, options)
  }
}

export function renderIntent(intent: IntentRecord, options: RenderOptions): Json {
  const redirects = intent.automaticRedirects
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowedTypes,
    amount: intent.amount,
    amount_capturable: intent.amountCapturable,
    amount_details: { tip: {} },
    amount_received: intent.amountReceived,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: redirects && { allow_redirects: redirects, enabled: true },
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.clientSecret,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: intent.currency,
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: renderPaymentError(intent.lastPaymentError),
    latest_charge: intent.latestCharge,
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: renderNextAction(intent, options),
    on_behalf_of: null,
    payment_method: intent.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: intent.paymentMethodTypes,
    payment_record: null,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  }
}

/** Where a person decides about the 3-D Secure step of an intent. */
export function authenticationUrl(intent: IntentRecord, options: RenderOptions): string {
  return `${options.baseUrl}/_simulator/authenticate/${intent.id}?client_secret=${intent.clientSecret}`
}

/** Like Stripe: a redirect when there is a place to return to, else work for Stripe.js. */
function renderNextAction(intent: IntentRecord, options: RenderOptions): Json | null {
  if (intent.status !== 'requires_action') return null
  const url = authenticationUrl(intent, options)
  if (intent.returnUrl !== null) {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: intent.returnUrl, url } }
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
  }
}

function renderPaymentError(failure: PaymentError | null): Json | null {
  if (failure === null) return null
  return {
    type: failure.charge === null ? 'invalid_request_error' : 'card_error',
    code: failure.code,
    message: failure.message,
    ...(failure.declineCode ? { decline_code: failure.declineCode } : {}),
    ...(failure.adviceCode ? { advice_code: failure.adviceCode } : {}),
    ...(failure.charge ? { charge: failure.charge } : {}),
    ...(failure.paymentMethod
      ? { payment_method: renderPaymentMethod(failure.paymentMethod, 0) }
      : {}),
  }
}

export function renderPaymentMethod(id: string, created: number): Json {
  const { brand, number } = cardOf(id)
  return {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: emptyBillingDetails,
    card: {
      brand,
      country: 'US',
      exp_month: 12,
      exp_year: 2034,
      funding: 'credit',
      last4: number.slice(-4),
    },
    created,
    customer: null,
    livemode: false,
    metadata: {},
    type: 'card',
  }
}

const emptyAddress = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
}
const emptyBillingDetails = {
  address: emptyAddress,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

export function renderCharge(charge: ChargeRecord): Json {
  const { brand, number } = cardOf(charge.paymentMethod)
  const { failure } = charge
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: charge.amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: emptyBillingDetails,
    calculated_statement_descriptor: null,
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: null,
    description: charge.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: renderOutcome(charge),
    paid: charge.status === 'succeeded',
    payment_intent: charge.intent,
    payment_method: charge.paymentMethod,
    payment_method_details: { card: { brand, last4: number.slice(-4) }, type: 'card' },
    receipt_email: charge.receiptEmail,
    receipt_number: null,
    receipt_url: null,
    refunded: charge.status === 'succeeded' && charge.amountRefunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  }
}

function renderOutcome(charge: ChargeRecord): Json {
  const ok = charge.failure === null
  return {
    advice_code: charge.failure?.adviceCode ?? null,
    network_status: ok ? 'approved_by_network' : 'declined_by_network',
    reason: charge.failure?.declineCode ?? null,
    risk_level: 'normal',
    seller_message: ok ? 'Payment complete.' : 'The bank did not return any further details.',
    type: ok ? 'authorized' : 'issuer_declined',
  }
}

export function renderRefund(refund: RefundRecord): Json {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: refund.charge,
    created: refund.created,
    currency: refund.currency,
    customer: null,
    customer_account: null,
    destination_details: { card: { reference_status: 'pending', type: 'refund' }, type: 'card' },
    metadata: refund.metadata,
    payment_intent: refund.intent,
    payment_method: null,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  }
}

export function renderEvent(event: EventRecord, options: RenderOptions): Json {
  return {
    id: event.id,
    object: 'event',
    api_version: apiVersion,
    created: event.created,
    data: { object: renderRecord(event.subject, options) },
    livemode: false,
    pending_webhooks: 0,
    request: { id: event.requestId, idempotency_key: event.idempotencyKey },
    type: event.type,
  }
}
