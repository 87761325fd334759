/**
 * Creation of a PaymentIntent: its parameters, checked, and the first version of its record.
 */
import { invalidRequest } from './api-error.ts'
import type { FormFields } from './form-body.ts'
import { newId } from './identifiers.ts'
import { isCurrency } from './money-text.ts'
import {
  checkKnown,
  readChoice,
  readFields,
  readFlag,
  readList,
  readMetadata,
  readText,
  readUrl,
  requireInteger,
  requireText,
} from './parameters.ts'
import { checkAmount, resolvePaymentMethod } from './payment-input.ts'
import type { CaptureMethod, IntentRecord, Metadata } from './records.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const createParameters = new Set([
  'amount',
  'automatic_payment_methods',
  'capture_method',
  'confirm',
  'confirmation_method',
  'currency',
  'description',
  'metadata',
  'off_session',
  'payment_method',
  'payment_method_types',
  'receipt_email',
  'return_url',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_group',
  'use_stripe_sdk',
])

const captureMethods = ['automatic', 'automatic_async', 'manual'] as const

export interface IntentInput {
  readonly amount: number
  readonly currency: string
  readonly captureMethod: CaptureMethod
  readonly metadata: Metadata
  readonly description: string | null
  readonly receiptEmail: string | null
  readonly automaticRedirects: 'always' | 'never' | null
  readonly paymentMethodTypes: readonly string[]
  readonly paymentMethod: string | undefined
  readonly returnUrl: string | undefined
  readonly offSession: boolean
  readonly confirm: boolean
}

export function readIntentInput(fields: FormFields): IntentInput {
  checkKnown(fields, createParameters)
  const amount = requireInteger(fields, 'amount')
  const currency = requireText(fields, 'currency').toLowerCase()
  if (!isCurrency(currency)) {
    const message = `Invalid currency: ${currency}. Stripe supports ISO 4217 codes such as usd, eur, gbp.`
    throw invalidRequest(message, { param: 'currency' })
  }
  checkAmount(amount, currency)
  const confirm = readFlag(fields, 'confirm') ?? false
  const returnUrl = readUrl(fields, 'return_url')
  if (returnUrl !== undefined && !confirm) {
    const message =
      'You cannot provide `return_url` without `confirm` set to `true`: it belongs to the confirmation.'
    throw invalidRequest(message, { param: 'return_url' })
  }
  return {
    amount,
    currency,
    captureMethod: readChoice(fields, 'capture_method', captureMethods) ?? 'automatic_async',
    metadata: readMetadata(fields),
    description: readText(fields, 'description') ?? null,
    receiptEmail: readText(fields, 'receipt_email') ?? null,
    ...readMethodKinds(fields),
    paymentMethod: resolvePaymentMethod(readText(fields, 'payment_method')),
    returnUrl,
    offSession: readFlag(fields, 'off_session') ?? false,
    confirm,
  }
}

/** Without types, the methods of the dashboard apply, and some of them redirect. */
function readMethodKinds(
  fields: FormFields,
): Pick<IntentInput, 'automaticRedirects' | 'paymentMethodTypes'> {
  const types = readList(fields, 'payment_method_types')
  const automatic = readFields(fields, 'automatic_payment_methods')
  if (types !== undefined && automatic !== undefined) {
    const message =
      'You may only specify one of these parameters: automatic_payment_methods, payment_method_types.'
    throw invalidRequest(message, { param: 'automatic_payment_methods' })
  }
  if (types !== undefined) return { automaticRedirects: null, paymentMethodTypes: types }
  const redirects = automatic && readChoice(automatic, 'allow_redirects', ['always', 'never'])
  const enabled = automatic === undefined || readFlag(automatic, 'enabled') !== false
  return {
    automaticRedirects: enabled ? (redirects ?? 'always') : null,
    paymentMethodTypes: ['card'],
  }
}

export function newIntent(unit: UnitOfWork, input: IntentInput): IntentRecord {
  const id = newId('pi_3')
  const intent = unit.put<IntentRecord>({
    kind: 'payment_intent',
    id,
    created: unit.nowSeconds,
    amount: input.amount,
    amountCapturable: 0,
    amountReceived: 0,
    currency: input.currency,
    captureMethod: input.captureMethod,
    status: input.paymentMethod ? 'requires_confirmation' : 'requires_payment_method',
    clientSecret: newId(`${id}_secret_`),
    metadata: input.metadata,
    description: input.description,
    receiptEmail: input.receiptEmail,
    automaticRedirects: input.automaticRedirects,
    paymentMethodTypes: input.paymentMethodTypes,
    paymentMethod: input.paymentMethod ?? null,
    returnUrl: null,
    latestCharge: null,
    charges: [],
    lastPaymentError: null,
    canceledAt: null,
    cancellationReason: null,
  })
  unit.emit('payment_intent.created', intent)
  return intent
}
