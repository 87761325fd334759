/**
 * /v1/payment_intents: parameters in, steps of `intents.ts` out.
 */
import { type Answer, jsonAnswer } from './answer.ts'
import { ApiError, invalidRequest, resourceMissing, unexpectedState } from './api-error.ts'
import type { ApiInput, Endpoint } from './endpoint.ts'
import { answerExpanded, readExpand, renderExpanded } from './expansion.ts'
import { cancelIntent, captureIntent, confirmIntent } from './intents.ts'
import { cutPage, listBody, pageParameters, readPageQuery } from './list-page.ts'
import { newIntent, readIntentInput } from './new-intent.ts'
import {
  checkKnown,
  readChoice,
  readFlag,
  readInteger,
  readMetadata,
  readText,
  readUrl,
  requireText,
} from './parameters.ts'
import { checkAmount, readAbsent, resolvePaymentMethod } from './payment-input.ts'
import type { IntentRecord } from './records.ts'
import type { RenderOptions } from './render.ts'
import { parseSearchQuery } from './search-query.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const collection = '/v1/payment_intents'
const cancellationReasons = [
  'abandoned',
  'duplicate',
  'fraudulent',
  'requested_by_customer',
] as const

export function intentEndpoints(render: RenderOptions): Endpoint[] {
  const reply = (unit: UnitOfWork, record: IntentRecord, names: readonly string[]): Answer =>
    answerExpanded(record, { store: unit.store, render, names })
  const step = (verb: string, prepare: PrepareStep): Endpoint => ({
    method: 'POST',
    path: `${collection}/:id${verb}`,
    prepare(input) {
      const execute = prepare(input)
      const names = readExpand(input.fields, 'payment_intent')
      return (unit) => reply(unit, execute(unit, getIntent(unit, input.id)), names)
    },
  })
  return [
    {
      method: 'POST',
      path: collection,
      prepare({ fields }) {
        const input = readIntentInput(fields)
        const names = readExpand(fields, 'payment_intent')
        return (unit) => {
          if (unit.store.isFull) throw tooManyIntents()
          const intent = newIntent(unit, input)
          return reply(unit, input.confirm ? confirmIntent(unit, intent, input) : intent, names)
        }
      },
    },
    {
      method: 'GET',
      path: `${collection}/:id`,
      prepare({ fields, id }) {
        checkKnown(fields, new Set(['client_secret']))
        const names = readExpand(fields, 'payment_intent')
        return (unit) => reply(unit, getIntent(unit, id), names)
      },
    },
    step('', prepareUpdate),
    step('/confirm', prepareConfirm),
    step('/capture', prepareCapture),
    step('/cancel', prepareCancel),
    listIntents(render),
    searchIntents(render),
  ]
}

type PrepareStep = (input: ApiInput) => (unit: UnitOfWork, intent: IntentRecord) => IntentRecord

function getIntent(unit: UnitOfWork, id: string): IntentRecord {
  const intent = unit.store.intents.get(id)
  if (intent === undefined) throw resourceMissing('payment_intent', id, 'intent')
  return intent
}

const updateParameters = new Set([
  'amount',
  'currency',
  'description',
  'metadata',
  'payment_method',
  'receipt_email',
])

const prepareUpdate: PrepareStep = ({ fields }) => {
  checkKnown(fields, updateParameters)
  readMetadata(fields)
  const amount = readInteger(fields, 'amount')
  const description = readText(fields, 'description')
  const receiptEmail = readText(fields, 'receipt_email')
  const named = readText(fields, 'payment_method')
  return (unit, intent) => {
    const metadata = readMetadata(fields, intent.metadata)
    const common = {
      metadata,
      description: description ?? intent.description,
      receiptEmail: receiptEmail ?? intent.receiptEmail,
    }
    if (amount === undefined && named === undefined) return unit.put({ ...intent, ...common })
    const open = ['requires_payment_method', 'requires_confirmation', 'requires_action']
    if (!open.includes(intent.status)) {
      const message = `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}. You may only update the amount of a PaymentIntent with one of the following statuses: ${open.join(', ')}.`
      throw unexpectedState(message, intent)
    }
    if (amount !== undefined) checkAmount(amount, intent.currency)
    const paymentMethod = resolvePaymentMethod(named) ?? intent.paymentMethod
    const status = paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation'
    return unit.put({
      ...intent,
      ...common,
      amount: amount ?? intent.amount,
      paymentMethod,
      status,
    })
  }
}

const confirmParameters = new Set([
  'client_secret',
  'error_on_requires_action',
  'off_session',
  'payment_method',
  'receipt_email',
  'return_url',
  'use_stripe_sdk',
])

const prepareConfirm: PrepareStep = ({ fields }) => {
  checkKnown(fields, confirmParameters)
  const named = readText(fields, 'payment_method')
  const returnUrl = readUrl(fields, 'return_url')
  const absent = readAbsent(fields)
  return (unit, intent) => {
    const paymentMethod = resolvePaymentMethod(named)
    return confirmIntent(unit, intent, { paymentMethod, returnUrl, absent })
  }
}

const captureParameters = new Set([
  'amount_to_capture',
  'final_capture',
  'metadata',
  'statement_descriptor',
  'statement_descriptor_suffix',
])

const prepareCapture: PrepareStep = ({ fields }) => {
  checkKnown(fields, captureParameters)
  readMetadata(fields)
  const amount = readInteger(fields, 'amount_to_capture')
  if (readFlag(fields, 'final_capture') === false) {
    const message = 'Your account is not eligible for multicapture.'
    throw invalidRequest(message, { param: 'final_capture' })
  }
  return (unit, intent) => {
    const metadata = readMetadata(fields, intent.metadata)
    return captureIntent(unit, { ...intent, metadata }, amount)
  }
}

const prepareCancel: PrepareStep = ({ fields }) => {
  checkKnown(fields, new Set(['cancellation_reason']))
  const reason = readChoice(fields, 'cancellation_reason', cancellationReasons)
  return (unit, intent) => cancelIntent(unit, intent, reason ?? null)
}

function listIntents(render: RenderOptions): Endpoint {
  return {
    method: 'GET',
    path: collection,
    prepare({ fields }) {
      checkKnown(fields, new Set(pageParameters))
      const query = readPageQuery(fields)
      const names = readExpand(fields, 'payment_intent', 'data.')
      return ({ store }) => {
        const page = cutPage({ shelf: store.intents, name: 'payment_intent' }, query)
        const data = page.records.map((record) => renderExpanded(record, { store, render, names }))
        return jsonAnswer(listBody(collection, data, page.hasMore))
      }
    },
  }
}

/** Pages by the id of the last intent, which is as good a token as any. */
function searchIntents(render: RenderOptions): Endpoint {
  const url = `${collection}/search`
  return {
    method: 'GET',
    path: url,
    prepare({ fields }) {
      checkKnown(fields, new Set(['limit', 'page', 'query']))
      const accepts = parseSearchQuery(requireText(fields, 'query'))
      const query = { ...readPageQuery(fields), startingAfter: readText(fields, 'page') }
      const names = readExpand(fields, 'payment_intent', 'data.')
      return ({ store }) => {
        const page = cutPage({ shelf: store.intents, name: 'page', accepts }, query)
        const data = page.records.map((record) => renderExpanded(record, { store, render, names }))
        const next = page.hasMore ? (page.records.at(-1)?.id ?? null) : null
        const body = { object: 'search_result', data, has_more: page.hasMore, next_page: next, url }
        return jsonAnswer(body)
      }
    },
  }
}

function tooManyIntents(): ApiError {
  return new ApiError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: 'The simulator holds as many unfinished PaymentIntents as it may (see --max-intents).',
  })
}
