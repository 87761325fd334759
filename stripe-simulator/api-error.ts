/**
 * Refusals in Stripe's own shape and words. Only these reach a client; anything else that is
 * thrown is a fault of the simulator and becomes a bare 500.
 */
import type { IntentRecord, PaymentError } from './records.ts'

export interface ErrorFields {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly decline_code?: string
  readonly advice_code?: string
  readonly charge?: string
  readonly doc_url?: string
}

export class ApiError extends Error {
  readonly status: number
  readonly fields: ErrorFields
  /** The intent as the refusal left it; it is sent along inside the error. */
  readonly intent: IntentRecord | undefined

  constructor(status: number, fields: ErrorFields, intent?: IntentRecord) {
    super(fields.message)
    this.status = status
    this.fields = fields.code
      ? {
          ...fields,
          doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll('_', '-')}`,
        }
      : fields
    this.intent = intent
  }
}

type Details = Omit<ErrorFields, 'type' | 'message'>

/** 400: what was asked cannot be asked. */
export function invalidRequest(message: string, details: Details = {}): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message, ...details })
}

/** 400: the intent is in a state that does not allow it. */
export function unexpectedState(message: string, intent: IntentRecord): ApiError {
  const code = 'payment_intent_unexpected_state'
  return new ApiError(400, { type: 'invalid_request_error', code, message }, intent)
}

/** 404 for an object named in the path, 400 for one named by a parameter, as Stripe does. */
export function resourceMissing(what: string, id: string, param: string): ApiError {
  const status = param === 'id' || param === 'intent' ? 404 : 400
  const message = `No such ${what}: '${id}'`
  return new ApiError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message,
    param,
  })
}

/** 402: the bank said no. */
export function cardError(failure: PaymentError, intent: IntentRecord): ApiError {
  const fields: ErrorFields = {
    type: 'card_error',
    code: failure.code,
    message: failure.message,
    ...(failure.declineCode ? { decline_code: failure.declineCode } : {}),
    ...(failure.adviceCode ? { advice_code: failure.adviceCode } : {}),
    ...(failure.charge ? { charge: failure.charge } : {}),
  }
  return new ApiError(402, fields, intent)
}
