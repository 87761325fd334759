/**
 * Creation of a PaymentIntent: its parameters, checked, and the first version of its record.
 */
import { type ApiError, invalidRequest } from './api-error.ts'
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
import { checkAmount, readAbsent, resolvePaymentMethod } from './payment-input.ts'
import type { CaptureMethod, IntentRecord, Metadata } from './records.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const createParameters = new Set([
  'allowed_payment_method_types',
  'amount',
  'automatic_payment_methods',
  'capture_method',
  'confirm',
  'confirmation_method',
  'currency',
  'description',
  'error_on_requires_action',
  'metadata',
  'off_session',
  'payment_method',
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
  readonly allowedTypes: readonly string[] | null
  readonly automaticRedirects: 'always' | 'never' | null
  readonly paymentMethodTypes: readonly string[]
  readonly paymentMethod: string | undefined
  readonly returnUrl: string | undefined
  readonly absent: boolean
  readonly confirm: boolean
}

export function readIntentInput(fields: FormFields): IntentInput {
  if ('payment_method_types' in fields) throw typesNoLongerSupported()
  checkKnown(fields, createParameters)
  const amount = requireInteger(fields, 'amount')
  const currency = requireText(fields, 'currency').toLowerCase()
  if (!isCurrency(currency)) {
    const message = `Invalid currency: ${currency}. Stripe supports ISO 4217 codes such as usd, eur, gbp.`
    throw invalidRequest(message, { param: 'currency' })
  }
  checkAmount(amount, currency)
  const captureMethod = readChoice(fields, 'capture_method', captureMethods) ?? 'automatic_async'
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
    captureMethod,
    metadata: readMetadata(fields),
    description: readText(fields, 'description') ?? null,
    receiptEmail: readText(fields, 'receipt_email') ?? null,
    ...readMethodKinds(fields, captureMethod),
    paymentMethod: resolvePaymentMethod(readText(fields, 'payment_method')),
    returnUrl,
    absent: readAbsent(fields),
    confirm,
  }
}

type MethodKinds = Pick<IntentInput, 'allowedTypes' | 'automaticRedirects' | 'paymentMethodTypes'>

/** Without a list, the methods of the dashboard apply, and some of them redirect. */
function readMethodKinds(fields: FormFields, captureMethod: CaptureMethod): MethodKinds {
  const allowedTypes = readList(fields, 'allowed_payment_method_types') ?? null
  const automatic = readFields(fields, 'automatic_payment_methods')
  if (allowedTypes === null) {
    const redirects = automatic && readChoice(automatic, 'allow_redirects', ['always', 'never'])
    const automaticRedirects = redirects ?? 'always'
    return { allowedTypes, automaticRedirects, paymentMethodTypes: ['card'] }
  }
  if (automatic !== undefined) {
    const message =
      'You may only specify one of these parameters: automatic_payment_methods, allowed_payment_method_types.'
    throw invalidRequest(message, { param: 'allowed_payment_method_types' })
  }
  const known = captureMethod === 'manual' ? ['card'] : ['card', 'us_bank_account']
  const paymentMethodTypes = allowedTypes.filter((type) => known.includes(type))
  if (paymentMethodTypes.length > 0) {
    return { allowedTypes, automaticRedirects: null, paymentMethodTypes }
  }
  throw invalidRequest('No valid payment method types for this Payment Intent.', {
    param: 'allowed_payment_method_types',
  })
}

/** Since 2026-09-30.endive. */
function typesNoLongerSupported(): ApiError {
  return invalidRequest(
    'The parameter payment_method_types is no longer supported: use automatic_payment_methods, or allowed_payment_method_types to limit the types.',
    { code: 'payment_method_types_no_longer_supported', param: 'payment_method_types' },
  )
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
    allowedTypes: input.allowedTypes,
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
