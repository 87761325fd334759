/**
 * The life of a PaymentIntent:
 *
 *   requires_payment_method -> requires_confirmation -> (requires_action) -> requires_capture
 *   -> succeeded or canceled; a declined card leads back to requires_payment_method.
 *
 * Each function takes one step or throws the refusal that Stripe gives; a decline changes the
 * intent first and is thrown then.
 */
import { cardError, invalidRequest, unexpectedState } from './api-error.ts'
import { newId } from './identifiers.ts'
import { moneyText } from './money-text.ts'
import type { ChargeRecord, IntentRecord, PaymentError } from './records.ts'
import { cardOf, type Decline, declines, methodType } from './test-cards.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export interface Confirmation {
  /** An id that `findPaymentMethod` gave; without one, the intent's own. */
  readonly paymentMethod?: string | undefined
  readonly returnUrl?: string | undefined
  /** The cardholder cannot authenticate now. */
  readonly absent?: boolean | undefined
}

const confirmable = ['requires_payment_method', 'requires_confirmation', 'requires_action']
const cancelable = [...confirmable, 'requires_capture', 'processing']

export function confirmIntent(
  unit: UnitOfWork,
  given: IntentRecord,
  confirmation: Confirmation,
): IntentRecord {
  assertConfirmable(given, confirmation)
  const paymentMethod = confirmation.paymentMethod ?? given.paymentMethod
  const returnUrl = confirmation.returnUrl ?? given.returnUrl
  if (paymentMethod === null) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken."
    throw unexpectedState(message, given)
  }
  assertAllowedType(given, paymentMethod)
  if (given.automaticRedirects === 'always' && returnUrl === null) throw missingReturnUrl()
  const intent: IntentRecord = { ...given, paymentMethod, returnUrl, lastPaymentError: null }
  const { outcome } = cardOf(paymentMethod)
  switch (outcome.kind) {
    case 'succeeds':
      return authorize(unit, intent)
    case 'declined':
      return decline(unit, intent, outcome.decline)
    case 'authenticate':
      if (confirmation.absent) return decline(unit, intent, declines.authenticationRequired)
      return change(unit, { ...intent, status: 'requires_action' }, 'requires_action')
    case 'processing':
      return startProcessing(unit, intent)
  }
}

/** The cardholder passed or failed the 3-D Secure step. A decline after it is not thrown. */
export function authenticateIntent(
  unit: UnitOfWork,
  intent: IntentRecord,
  approved: boolean,
): IntentRecord {
  const { paymentMethod } = intent
  if (intent.status !== 'requires_action' || paymentMethod === null) {
    throw unexpectedState('This PaymentIntent does not wait for an authentication.', intent)
  }
  if (!approved) {
    const failure = paymentError(declines.authenticationFailed, null, paymentMethod)
    return fail(unit, intent, failure)
  }
  const { outcome } = cardOf(paymentMethod)
  const refusal = outcome.kind === 'authenticate' ? outcome.decline : null
  return refusal === null ? authorize(unit, intent) : failCharge(unit, intent, refusal)
}

/** The bank's late answer for an intent that is processing. */
export function settleProcessing(
  unit: UnitOfWork,
  intent: IntentRecord,
  succeeded: boolean,
): IntentRecord {
  const pending = unit.store.charges.get(intent.latestCharge ?? '')
  if (intent.status !== 'processing' || pending === undefined) {
    throw unexpectedState('This PaymentIntent is not processing.', intent)
  }
  if (!succeeded) {
    const { paymentMethod } = pending
    const failure = paymentError(declines.bankAccountClosed, pending.id, paymentMethod)
    unit.emit('charge.failed', unit.put({ ...pending, status: 'failed', failure }))
    return fail(unit, intent, failure)
  }
  const { amount } = intent
  const settled: ChargeRecord = {
    ...pending,
    status: 'succeeded',
    captured: true,
    amountCaptured: amount,
  }
  unit.emit('charge.succeeded', unit.put(settled))
  return change(unit, { ...intent, status: 'succeeded', amountReceived: amount }, 'succeeded')
}

/** Without an amount: all that is capturable. What is not taken is let go. */
export function captureIntent(
  unit: UnitOfWork,
  intent: IntentRecord,
  wanted: number | undefined,
): IntentRecord {
  const charge = unit.store.charges.get(intent.latestCharge ?? '')
  if (intent.status === 'succeeded') {
    const message = 'This PaymentIntent could not be captured because it has already been captured.'
    throw unexpectedState(message, intent)
  }
  if (intent.status !== 'requires_capture' || charge === undefined) {
    const message = `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`
    throw unexpectedState(message, intent)
  }
  const amount = wanted ?? intent.amountCapturable
  if (amount > intent.amountCapturable) {
    const most = moneyText(intent.amountCapturable, intent.currency)
    throw invalidRequest(`The amount to capture must be at most ${most}.`, {
      code: 'amount_too_large',
      param: 'amount_to_capture',
    })
  }
  const captured: ChargeRecord = {
    ...charge,
    captured: true,
    amountCaptured: amount,
    amountRefunded: charge.amount - amount,
  }
  unit.emit('charge.captured', unit.put(captured))
  const done: IntentRecord = {
    ...intent,
    status: 'succeeded',
    amountCapturable: 0,
    amountReceived: amount,
  }
  return change(unit, done, 'succeeded')
}

/** Lets an authorisation go. `reason` is the caller's, or `automatic` when it ran out. */
export function cancelIntent(
  unit: UnitOfWork,
  intent: IntentRecord,
  reason: string | null,
): IntentRecord {
  if (!cancelable.includes(intent.status)) {
    const message = `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`
    throw unexpectedState(message, intent)
  }
  const charge = unit.store.charges.get(intent.latestCharge ?? '')
  if (charge?.status === 'succeeded') {
    const released = unit.put({ ...charge, amountRefunded: charge.amount })
    unit.emit(reason === 'automatic' ? 'charge.expired' : 'charge.refunded', released)
  }
  const canceled: IntentRecord = {
    ...intent,
    status: 'canceled',
    amountCapturable: 0,
    canceledAt: unit.nowSeconds,
    cancellationReason: reason,
  }
  return change(unit, canceled, 'canceled')
}

function assertConfirmable(intent: IntentRecord, confirmation: Confirmation): void {
  if (confirmable.includes(intent.status)) return
  if (confirmation.paymentMethod !== undefined && intent.status !== 'succeeded') {
    const message = `This PaymentIntent's payment_method could not be updated because it has a status of ${intent.status}. You may only update the payment_method of a PaymentIntent with one of the following statuses: ${confirmable.join(', ')}.`
    throw unexpectedState(message, intent)
  }
  const message =
    intent.status === 'succeeded'
      ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
      : `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: ${confirmable.join(', ')}.`
  throw unexpectedState(message, intent)
}

function assertAllowedType(intent: IntentRecord, paymentMethod: string): void {
  const type = methodType(paymentMethod)
  if (intent.paymentMethodTypes.includes(type)) return
  const types = intent.paymentMethodTypes.join(', ')
  const message = `The PaymentMethod provided (${type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${types}.`
  throw invalidRequest(message, { param: 'payment_method' })
}

function missingReturnUrl(): Error {
  return invalidRequest(
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
  )
}

function newCharge(unit: UnitOfWork, intent: IntentRecord): ChargeRecord {
  return {
    kind: 'charge',
    id: newId('ch_3'),
    created: unit.nowSeconds,
    intent: intent.id,
    amount: intent.amount,
    amountCaptured: 0,
    amountRefunded: 0,
    currency: intent.currency,
    status: 'succeeded',
    captured: false,
    failure: null,
    paymentMethod: intent.paymentMethod ?? '',
    metadata: intent.metadata,
    description: intent.description,
    receiptEmail: intent.receiptEmail,
    refunds: [],
  }
}

function withCharge(intent: IntentRecord, charge: ChargeRecord): IntentRecord {
  return { ...intent, latestCharge: charge.id, charges: [...intent.charges, charge.id] }
}

function authorize(unit: UnitOfWork, intent: IntentRecord): IntentRecord {
  const { amount } = intent
  const held = intent.captureMethod === 'manual'
  const charge = unit.put({
    ...newCharge(unit, intent),
    captured: !held,
    amountCaptured: held ? 0 : amount,
  })
  unit.emit('charge.succeeded', charge)
  const charged = withCharge(intent, charge)
  return held
    ? change(
        unit,
        { ...charged, status: 'requires_capture', amountCapturable: amount },
        'amount_capturable_updated',
      )
    : change(unit, { ...charged, status: 'succeeded', amountReceived: amount }, 'succeeded')
}

function startProcessing(unit: UnitOfWork, intent: IntentRecord): IntentRecord {
  const charge = unit.put<ChargeRecord>({ ...newCharge(unit, intent), status: 'pending' })
  unit.emit('charge.pending', charge)
  return change(unit, { ...withCharge(intent, charge), status: 'processing' }, 'processing')
}

function decline(unit: UnitOfWork, intent: IntentRecord, reason: Decline): never {
  const failed = failCharge(unit, intent, reason)
  const failure = failed.lastPaymentError ?? paymentError(reason, null, null)
  throw cardError(failure, failed)
}

function failCharge(unit: UnitOfWork, intent: IntentRecord, reason: Decline): IntentRecord {
  const charge = newCharge(unit, intent)
  const failure = paymentError(reason, charge.id, intent.paymentMethod)
  unit.emit('charge.failed', unit.put({ ...charge, status: 'failed', failure }))
  return fail(unit, withCharge(intent, charge), failure)
}

/** Back to the start: another card may be tried on the same intent. */
function fail(unit: UnitOfWork, intent: IntentRecord, failure: PaymentError): IntentRecord {
  const failed: IntentRecord = {
    ...intent,
    status: 'requires_payment_method',
    paymentMethod: null,
    lastPaymentError: failure,
  }
  return change(unit, failed, 'payment_failed')
}

function paymentError(
  reason: Decline,
  charge: string | null,
  paymentMethod: string | null,
): PaymentError {
  return { ...reason, charge, paymentMethod }
}

function change(unit: UnitOfWork, intent: IntentRecord, event: string): IntentRecord {
  unit.put(intent)
  unit.emit(`payment_intent.${event}`, intent)
  return intent
}
