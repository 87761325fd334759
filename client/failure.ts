/**
 * What one attempt ended with, when it did not end with an answer. Everything that can come out
 * of a link is read into this one shape; what is on the wire is checked, not trusted.
 */
import { TRPCClientError } from '@trpc/client'
import type { RefusalCode } from './api.ts'

/**
 * The server's refusals, and what only a client can see: NETWORK (no whole answer came), DEADLINE
 * (none in time), ABORTED (the caller's own signal), INTERNAL (a fault, ours or the server's).
 */
export type FailureCode = RefusalCode | 'NETWORK' | 'DEADLINE' | 'ABORTED' | 'INTERNAL'

export type Issue = { readonly path: string; readonly message: string }

export type Failure = {
  readonly code: FailureCode
  readonly message: string
  /** The same call, sent again unchanged, could end differently without anybody acting. */
  readonly transient: boolean
  readonly retryAfterMs: number | null
  readonly details: Readonly<Record<string, unknown>> | null
  readonly issues: readonly Issue[] | null
  readonly requestId: string | null
  /** The server may have done what was asked for all the same. */
  readonly mayBeDone: boolean
  readonly endpoint: EndpointVerdict
}

/**
 * What a failure says about the endpoint. failed: out of reach, silent, or somebody else answers
 * in its place; all calls pass it over for a while. doubtful: it lives, but could not help; this
 * call tries another one, and only if that one can help was it the endpoint and not the wish.
 * fine: it lives, or nothing was learnt.
 */
export type EndpointVerdict = 'fine' | 'doubtful' | 'failed'

/** A failure on its way through tRPC's links, which pass on nothing but errors. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}

const blank = {
  transient: false,
  retryAfterMs: null,
  details: null,
  issues: null,
  requestId: null,
  mayBeDone: false,
  endpoint: 'fine',
} as const

export function failure(
  code: FailureCode,
  message: string,
  rest: Partial<Omit<Failure, 'code' | 'message'>> = {},
): Failure {
  return { ...blank, code, message, ...rest }
}

/** Reads whatever an attempt threw. What nobody recognises is a fault, and is not repeated. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof AttemptError) return cause.failure
  if (!(cause instanceof TRPCClientError)) return failure('INTERNAL', 'The call failed.')
  if (cause.cause instanceof AttemptError) return cause.cause.failure
  const answer = wireAnswerOf(cause)
  if (answer === null) {
    const inside = 'The call could not be sent, or its answer could not be read.'
    return failure('INTERNAL', inside, { mayBeDone: cause.meta !== undefined })
  }
  const { refusal, status } = answer
  const serverFault = status >= 500 && (refusal === null || refusal['code'] === 'INTERNAL')
  if (serverFault) return faultOf(answer)
  if (refusal !== null) return refusalOf(answer, refusal)
  const { requestId } = answer
  return failure('INTERNAL', 'The server does not know this call.', { requestId })
}

/**
 * Refusals that do not say what became of the wish: the server itself lost sight of it, or of the
 * payment provider, the database or the hold book in the middle of it.
 */
const uncertain: ReadonlySet<string> = new Set<RefusalCode>([
  'OUTCOME_UNKNOWN',
  'PAYMENT_UNAVAILABLE',
  'UNAVAILABLE',
])

type WireAnswer = {
  readonly status: number
  readonly requestId: string | null
  readonly data: Readonly<Record<string, unknown>>
  readonly refusal: Readonly<Record<string, unknown>> | null
}

/** A procedure's error, or the server's plain one for what never reached a procedure. */
function wireAnswerOf(error: TRPCClientError<never>): WireAnswer | null {
  const plain = record(record(record(error.meta?.['responseJSON'])?.['error'])?.['data'])
  const data = record(error.data) ?? plain
  if (data === null) return null
  const response = record(error.meta?.['response'])
  const status = data['httpStatus'] ?? response?.['status']
  return {
    data,
    refusal: record(data['refusal']),
    status: typeof status === 'number' ? status : 0,
    requestId: text(data['requestId']) ?? text(response?.['requestId']),
  }
}

function faultOf({ requestId }: WireAnswer): Failure {
  // The endpoint lives; a call that trips a bug must not turn all others away from it.
  const seen = { requestId, transient: true, mayBeDone: true }
  return failure('INTERNAL', 'Something failed on the server.', seen)
}

function refusalOf(
  { data, requestId }: WireAnswer,
  refusal: Readonly<Record<string, unknown>>,
): Failure {
  const { code, retryAfterMs } = refusal
  const issues = Array.isArray(data['issues']) ? data['issues'].flatMap(issueOf) : null
  // A code that is newer than this client passes through: its message and transience still hold.
  return failure(
    (text(code) ?? 'INTERNAL') as FailureCode,
    text(refusal['message']) ?? 'Refused.',
    {
      transient: refusal['transient'] === true,
      retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : null,
      details: record(refusal['details']),
      issues,
      requestId,
      mayBeDone: uncertain.has(String(code)),
      endpoint: code === 'UNAVAILABLE' ? 'doubtful' : 'fine',
    },
  )
}

function issueOf(value: unknown): Issue[] {
  const path = text(record(value)?.['path'])
  const message = text(record(value)?.['message'])
  return path === null || message === null ? [] : [{ path, message }]
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Readonly<Record<string, unknown>>) : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
