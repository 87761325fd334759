/**
 * From refusals to the wire: the tRPC code (and with it the HTTP status) and how long a client
 * should wait before it repeats a transient one; and from what stores and gateways throw to
 * refusals. The facts of each code are in domain/refusals/.
 */
import { TRPCError } from '@trpc/server'
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { HoldBookSealedError } from '../domain/hold-replication.ts'
import { PaymentUnavailableError } from '../domain/payment-failure.ts'
import { type Refusal, RefusedError, refusal } from '../domain/refusal.ts'
import type { RefusalStatus } from '../domain/refusals/refusal-facts.ts'
import { refusalTable } from '../domain/refusals/refusal-table.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  UnknownOutcomeError,
} from '../stores/outcome.ts'

type TrpcCode = TRPCError['code']

const trpcCodes: Readonly<Record<RefusalStatus, TrpcCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  402: 'PAYMENT_REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
}

/** The refusal that an error stands for, or null for a bug of ours. */
export function refusalOf(cause: unknown): Refusal | null {
  if (cause instanceof RefusedError) return cause.refusal
  if (cause instanceof UnknownOutcomeError) {
    return refusal('OUTCOME_UNKNOWN', 'It may have been done. Ask for it by its key.')
  }
  if (cause instanceof ContentionError) {
    return refusal('CONTENTION', 'Many others want the same just now. Try again.')
  }
  if (cause instanceof PaymentUnavailableError) {
    return refusal('PAYMENT_UNAVAILABLE', 'Payments do not answer just now. Your seats are kept.')
  }
  if (cause instanceof HoldBookSealedError) {
    return refusal(
      'AUTHORITY_MOVED',
      'Sales of this event are moving to another server. Try again.',
    )
  }
  if (cause instanceof DatabaseUnavailableError || cause instanceof HoldBookUnavailableError) {
    return refusal('UNAVAILABLE', 'We are not ready just now. Try again in a moment.')
  }
  return null
}

/** The tRPC error of a refusal; its cause stays attached for the log and for the formatter. */
export function trpcErrorOf(refused: Refusal, cause: unknown): TRPCError {
  const error = cause instanceof RefusedError ? cause : new RefusedError(refused, { cause })
  return new TRPCError({
    code: trpcCodes[refusalTable[refused.code].status],
    message: refused.message,
    cause: error,
  })
}

/** How long the refusal behind an error asks its client to wait, or zero. Milliseconds. */
export function retryAfterMsOf(cause: unknown): number {
  const refused = refusalOf(cause)
  return refused === null ? 0 : (waitOf(refused) ?? 0)
}

/** Milliseconds after which a transient refusal may end differently; undefined: never by itself. */
export function waitOf(refused: Refusal): number | undefined {
  return refused.retryAfterMs ?? refusalTable[refused.code].retryAfterMs ?? undefined
}
