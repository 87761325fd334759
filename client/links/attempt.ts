/** What the links know of one attempt of a call: carried in tRPC's context, from above to below. */
import type { Operation } from '@trpc/client'
import type { Endpoint } from '../endpoint.ts'

export type Attempt = {
  readonly endpoint: Endpoint
  /** By the client's clock. */
  readonly endsAtMs: number
}

const attempts = new WeakMap<object, Attempt>()

export function withAttempt(op: Operation, attempt: Attempt): Operation {
  const context = { ...op.context }
  attempts.set(context, attempt)
  return { ...op, context }
}

/** @throws TypeError the links are put together wrongly */
export function attemptOf({ context }: Operation): Attempt {
  const attempt = attempts.get(context)
  if (attempt === undefined) throw new TypeError('an attempt without an endpoint')
  return attempt
}
