/**
 * The one table from refusals to the wire: tRPC code (and with it the HTTP status) and how long a
 * client should wait before it repeats a transient one. docs/errors.md explains each; a test keeps
 * the two complete.
 */
import { TRPCError } from '@trpc/server'
import { HoldBookUnavailableError } from '../domain/hold-book.ts'
import { PaymentUnavailableError } from '../domain/payment-failure.ts'
import { type Refusal, type RefusalCode, RefusedError, refusal } from '../domain/refusal.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  UnknownOutcomeError,
} from '../stores/outcome.ts'

type TrpcCode = TRPCError['code']
type Wire = { readonly trpc: TrpcCode; readonly retryAfterMs?: number }

export const wireOf: Readonly<Record<RefusalCode, Wire>> = {
  NOT_SIGNED_IN: { trpc: 'UNAUTHORIZED' },
  NOT_ALLOWED: { trpc: 'FORBIDDEN' },
  NOT_FOUND: { trpc: 'NOT_FOUND' },
  BAD_INPUT: { trpc: 'BAD_REQUEST' },
  TOO_LARGE: { trpc: 'PAYLOAD_TOO_LARGE' },
  KEY_REUSED: { trpc: 'CONFLICT' },
  EDIT_CONFLICT: { trpc: 'CONFLICT' },
  WRONG_STATE: { trpc: 'CONFLICT' },
  SEAT_MAP_FAULTY: { trpc: 'UNPROCESSABLE_CONTENT' },
  PRICES_INCOMPLETE: { trpc: 'UNPROCESSABLE_CONTENT' },
  SALE_NOT_OPEN: { trpc: 'PRECONDITION_FAILED' },
  SALE_CLOSED: { trpc: 'PRECONDITION_FAILED' },
  EVENT_CANCELLED: { trpc: 'PRECONDITION_FAILED' },
  SEATS_UNKNOWN: { trpc: 'UNPROCESSABLE_CONTENT' },
  SEATS_TAKEN: { trpc: 'CONFLICT' },
  SOLD_OUT: { trpc: 'CONFLICT' },
  NOT_TOGETHER: { trpc: 'CONFLICT' },
  LIMIT_REACHED: { trpc: 'CONFLICT' },
  HOLD_EXPIRED: { trpc: 'CONFLICT' },
  HOLD_AT_CAP: { trpc: 'CONFLICT' },
  HOLD_TOKEN_INVALID: { trpc: 'BAD_REQUEST' },
  ORDER_ENDED: { trpc: 'CONFLICT' },
  CARD_DECLINED: { trpc: 'PAYMENT_REQUIRED' },
  PAYMENT_UNAVAILABLE: { trpc: 'SERVICE_UNAVAILABLE', retryAfterMs: 2_000 },
  OUTCOME_UNKNOWN: { trpc: 'SERVICE_UNAVAILABLE', retryAfterMs: 1_000 },
  CONTENTION: { trpc: 'SERVICE_UNAVAILABLE', retryAfterMs: 200 },
  OLD_EPOCH: { trpc: 'SERVICE_UNAVAILABLE', retryAfterMs: 500 },
  UNAVAILABLE: { trpc: 'SERVICE_UNAVAILABLE', retryAfterMs: 1_000 },
  RATE_LIMITED: { trpc: 'TOO_MANY_REQUESTS', retryAfterMs: 1_000 },
  WRONG_CREDENTIALS: { trpc: 'UNAUTHORIZED' },
  EMAIL_UNVERIFIED: { trpc: 'FORBIDDEN' },
  CODE_WRONG: { trpc: 'UNPROCESSABLE_CONTENT' },
  PASSWORD_UNFIT: { trpc: 'UNPROCESSABLE_CONTENT' },
  SESSION_ENDED: { trpc: 'UNAUTHORIZED' },
  REASON_NEEDED: { trpc: 'FORBIDDEN' },
  LAST_OWNER: { trpc: 'CONFLICT' },
  INVITATION_ENDED: { trpc: 'CONFLICT' },
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
  if (cause instanceof DatabaseUnavailableError || cause instanceof HoldBookUnavailableError) {
    return refusal('UNAVAILABLE', 'We are not ready just now. Try again in a moment.')
  }
  return null
}

/** The tRPC error of a refusal; its cause stays attached for the log and for the formatter. */
export function trpcErrorOf(refused: Refusal, cause: unknown): TRPCError {
  const error = cause instanceof RefusedError ? cause : new RefusedError(refused, { cause })
  return new TRPCError({ code: wireOf[refused.code].trpc, message: refused.message, cause: error })
}

/** How long the refusal behind an error asks its client to wait, or zero. Milliseconds. */
export function retryAfterMsOf(cause: unknown): number {
  const refused = refusalOf(cause)
  return refused === null ? 0 : (waitOf(refused) ?? 0)
}

/** Milliseconds after which a transient refusal may end differently; undefined: never by itself. */
export function waitOf(refused: Refusal): number | undefined {
  return refused.retryAfterMs ?? wireOf[refused.code].retryAfterMs
}
