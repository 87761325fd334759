/**
 * The one error that calls of the client reject with. It is a TRPCClientError too, so that what
 * is built for tRPC (query libraries, `safe`) keeps working.
 */
import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from './api.ts'
import type { Failure, FailureCode, Issue } from './failure.ts'

/**
 * refused: nothing was done. unknown: a write may have been done or not; ask before you give up
 * the wish, or send it again with the same key. The third outcome, done, is an answer, no error.
 */
export type Outcome = 'refused' | 'unknown'

export type FrontrowErrorOptions = {
  readonly failure: Failure
  /** The procedure, for example `holds.place`. */
  readonly path: string
  readonly key: string | null
  /** How often the call was sent, or was tried to be sent. */
  readonly attempts: number
  readonly outcome: Outcome
  /** How to learn the outcome, when it is unknown: the end of a sentence. */
  readonly ask: string
  readonly cause: unknown
}

export class FrontrowError extends TRPCClientError<AppRouter> {
  override readonly name = 'FrontrowError'
  readonly code: FailureCode
  readonly transient: boolean
  /** How long the server asks to wait before the same call is sent again. */
  readonly retryAfterMs: number | null
  /** Facts for programs: the units taken, the limit, the faults of a file. */
  readonly details: Readonly<Record<string, unknown>> | null
  /** Which fields of the input are wrong. */
  readonly issues: readonly Issue[] | null
  /** Finds the call in the server's log. */
  readonly requestId: string | null
  readonly outcome: Outcome
  readonly attempts: number
  readonly path: string
  /** The idempotency key that the call had, whoever made it. */
  readonly key: string | null

  constructor(options: FrontrowErrorOptions) {
    const { failure, path, key, attempts, outcome, cause } = options
    super(messageOf(options), errorOptionsOf(cause))
    // TRPCClientError sets its own prototype, which would hide this class from instanceof.
    Object.setPrototypeOf(this, FrontrowError.prototype)
    this.code = failure.code
    this.transient = failure.transient
    this.retryAfterMs = failure.retryAfterMs
    this.details = failure.details
    this.issues = failure.issues
    this.requestId = failure.requestId
    this.outcome = outcome
    this.attempts = attempts
    this.path = path
    this.key = key
  }
}

function messageOf({ failure, path, outcome, ask, key }: FrontrowErrorOptions): string {
  if (outcome === 'refused') return failure.message
  const named = key === null ? '' : ` (key ${key})`
  return `${failure.message} ${path}${named} may have been done or not: ${ask}.`
}

/** Keeps the server's shape readable as `error.data`, as tRPC's callers know it. */
function errorOptionsOf(cause: unknown) {
  if (!(cause instanceof Error)) return {}
  const shape = cause instanceof TRPCClientError ? cause.shape : undefined
  return shape ? { cause, result: { error: shape } } : { cause }
}
