/**
 * Stays with a call until it has an answer, a final refusal, or no time, attempts or budget left.
 * The input, and with it the key, never changes between attempts. Nothing is sent twice unless the
 * server says that nothing was done, nothing can have been sent, or a repetition is safe.
 */
import type { Operation } from '@trpc/client'
import { clientLimits } from '../client-limits.ts'
import type { EndpointList } from '../endpoint-list.ts'
import { AttemptError, type Failure, failure, failureOf } from '../failure.ts'
import { FrontrowError } from '../frontrow-error.ts'
import { findMutation } from '../mutations.ts'
import { outcomeOf } from '../outcome.ts'
import type { Ports } from '../ports.ts'
import type { RetryBudget } from '../retry-budget.ts'
import { asyncLink, type Envelope, orAborted, type Send } from './async-link.ts'
import { keyOf } from './key-link.ts'

export type PersistOptions = {
  readonly deadlineMs: number
  readonly attemptsMax: number
  readonly budget: RetryBudget
  readonly endpoints: EndpointList
  readonly ports: Ports
}

/** One call on its way: what has happened to it so far. */
type Call = {
  readonly op: Operation
  readonly endsAtMs: number
  attempts: number
  /** An earlier attempt may have been done although its answer never came. */
  lost: boolean
}

export function persistLink(options: PersistOptions) {
  return asyncLink(async (op, send) => {
    const deadlineMs = deadlineOf(op) ?? options.deadlineMs
    const call = { op, endsAtMs: options.ports.nowMs() + deadlineMs, attempts: 0, lost: false }
    for (;;) {
      const tried = await attempt(call, send, options)
      if ('envelope' in tried) return tried.envelope
      await pauseOrThrow(call, tried.cause, options)
    }
  })
}

type Tried = { readonly envelope: Envelope } | { readonly cause: unknown }

async function attempt(call: Call, send: Send, options: PersistOptions): Promise<Tried> {
  const { signal, end } = attemptSignal(call, options)
  try {
    signal.throwIfAborted()
    call.attempts += 1
    const envelope = await orAborted(send({ ...call.op, signal }), signal)
    options.budget.succeeded()
    return { envelope }
  } catch (cause) {
    return { cause }
  } finally {
    end()
  }
}

/** Ends an attempt when its share of the time is over or the caller gives up. */
function attemptSignal({ op, endsAtMs, attempts }: Call, options: PersistOptions) {
  const controller = new AbortController()
  const leftMs = Math.max(0, endsAtMs - options.ports.nowMs())
  const isLast = attempts + 1 >= options.attemptsMax || !mayRepeat(op)
  const shareMs = isLast ? leftMs : Math.max(leftMs / 2, clientLimits.attemptMsMin)
  const timer = setTimeout(() => controller.abort(timedOut), Math.min(shareMs, leftMs))
  const giveUp = () => controller.abort(abandoned(op))
  if (op.signal?.aborted === true) giveUp()
  op.signal?.addEventListener('abort', giveUp, { once: true })
  const end = () => {
    clearTimeout(timer)
    op.signal?.removeEventListener('abort', giveUp)
  }
  return { signal: controller.signal, end }
}

const timedOut = new AttemptError(
  failure('DEADLINE', 'No answer came in time.', {
    transient: true,
    mayBeDone: true,
    endpointFailed: true,
  }),
)

/** The caller's own signal; one that stands for a time limit is a deadline like ours. */
function abandoned({ signal }: Operation): AttemptError {
  const isTimeout = signal?.reason instanceof Error && signal.reason.name === 'TimeoutError'
  const gaveUp = isTimeout
    ? failure('DEADLINE', 'No answer came in time.', { mayBeDone: true })
    : failure('ABORTED', 'The caller gave up.', { mayBeDone: true })
  return new AttemptError(gaveUp)
}

/** Waits until the next attempt may begin, or throws when there will be none. */
async function pauseOrThrow(call: Call, cause: unknown, options: PersistOptions): Promise<void> {
  const failed = failureOf(cause)
  const sent = call.attempts > 0
  const pauseMs = pauseMsAfter(failed, call, options)
  const again =
    failed.transient &&
    call.attempts < options.attemptsMax &&
    (!failed.mayBeDone || mayRepeat(call.op)) &&
    options.ports.nowMs() + pauseMs + clientLimits.attemptMsUseful < call.endsAtMs &&
    options.budget.take(failed.code === 'DEADLINE' ? 'timeout' : 'failure')
  if (!again) throw errorOf(call, { ...failed, mayBeDone: failed.mayBeDone && sent }, cause)
  call.lost ||= failed.mayBeDone
  await options.ports.wait(pauseMs, call.op.signal ?? null)
  if (call.op.signal?.aborted === true) {
    const given = abandoned(call.op)
    throw errorOf(call, { ...given.failure, mayBeDone: false }, given)
  }
}

/**
 * At once when another endpoint is ready; otherwise what the server asks for and, so that those
 * who were sent away together do not come back together, a random share of a doubling ceiling.
 */
function pauseMsAfter(failed: Failure, call: Call, { endpoints, ports }: PersistOptions): number {
  if (failed.endpointFailed && endpoints.hasReady()) return 0
  const { backoffBaseMs, backoffMaxMs } = clientLimits
  const ceilingMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (call.attempts - 1))
  return (failed.retryAfterMs ?? 0) + ports.random() * ceilingMs
}

/** Queries always; mutations of which it is known that doing them twice is doing them once. */
function mayRepeat({ type, path }: Operation): boolean {
  return type === 'query' || findMutation(path) !== null
}

function errorOf(call: Call, failed: Failure, cause: unknown): FrontrowError {
  const { op, attempts, lost } = call
  return new FrontrowError({
    failure: failed,
    cause,
    path: op.path,
    key: keyOf(op.input),
    attempts,
    outcome: op.type === 'query' ? 'refused' : outcomeOf(failed, lost),
    ask: findMutation(op.path)?.ask ?? 'look before you send it again',
  })
}

function deadlineOf({ context }: Operation): number | null {
  const { deadlineMs } = context
  return typeof deadlineMs === 'number' && deadlineMs > 0 ? deadlineMs : null
}
