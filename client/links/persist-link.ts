/**
 * Stays with a call until it has an answer, a final refusal, or no time, attempts or budget left.
 * The input, and with it the key, never changes between attempts. Nothing is sent twice unless the
 * server says that nothing was done, nothing can have been sent, or a repetition is safe.
 */
import type { Operation } from '@trpc/client'
import { clientLimits } from '../client-limits.ts'
import type { Endpoint } from '../endpoint.ts'
import type { EndpointList } from '../endpoint-list.ts'
import { type Failure, failureOf } from '../failure.ts'
import { FrontrowError } from '../frontrow-error.ts'
import { findMutation } from '../mutations.ts'
import { outcomeOf } from '../outcome.ts'
import type { Ports } from '../ports.ts'
import type { RegionMeasures } from '../region-measures.ts'
import type { RetryBudget } from '../retry-budget.ts'
import { asyncLink, type Envelope, orAborted, type Send } from './async-link.ts'
import { withAttempt } from './attempt.ts'
import { abandoned, attemptTime } from './attempt-time.ts'
import { Doubts } from './doubts.ts'
import { keyOf } from './key-link.ts'

export type PersistOptions = {
  readonly deadlineMs: number
  readonly attemptsMax: number
  readonly budget: RetryBudget
  readonly endpoints: EndpointList
  readonly measures: RegionMeasures
  readonly ports: Ports
}

/** One call on its way: what has happened to it so far. */
type Call = {
  readonly op: Operation
  readonly endsAtMs: number
  attempts: number
  /** An earlier attempt may have been done although its answer never came. */
  lost: boolean
  /** The endpoints that could not help this call. */
  readonly doubts: Doubts
}

export function persistLink(options: PersistOptions) {
  return asyncLink(async (op, send) => {
    const endsAtMs = options.ports.nowMs() + (deadlineOf(op) ?? options.deadlineMs)
    const doubts = new Doubts(options.endpoints)
    const call: Call = { op, endsAtMs, attempts: 0, lost: false, doubts }
    for (;;) {
      const tried = await attempt(call, send, options)
      if ('envelope' in tried) return tried.envelope
      await pauseOrThrow(call, tried, options)
    }
  })
}

type Tried =
  | { readonly envelope: Envelope }
  | { readonly cause: unknown; readonly endpoint: Endpoint }

async function attempt(call: Call, send: Send, options: PersistOptions): Promise<Tried> {
  const { op, endsAtMs, doubts } = call
  const { endpoints, measures, ports } = options
  await measures.beforeAttempt(endsAtMs - ports.nowMs(), op.signal ?? null)
  const endpoint = endpoints.next(doubts.avoided)
  const isLast = call.attempts + 1 >= options.attemptsMax || !mayRepeat(op)
  const time = attemptTime({ op, endsAtMs, isLast, endpoint }, options)
  const { signal } = time
  try {
    signal.throwIfAborted()
    call.attempts += 1
    const sent = withAttempt({ ...op, signal }, { endpoint, endsAtMs: time.endsAtMs })
    const envelope = await orAborted(send(sent), signal)
    options.budget.succeeded()
    doubts.answered(endpoint)
    return { envelope }
  } catch (cause) {
    return { cause, endpoint }
  } finally {
    time.end()
  }
}

/** Waits until the next attempt may begin, or throws when there will be none. */
async function pauseOrThrow(
  call: Call,
  { cause, endpoint }: Extract<Tried, { cause: unknown }>,
  options: PersistOptions,
): Promise<void> {
  const failed = failureOf(cause)
  const sent = call.attempts > 0
  const elsewhere = call.doubts.failed(endpoint, failed)
  const pauseMs = pauseMsAfter(failed, { attempts: call.attempts, elsewhere }, options)
  const again =
    failed.transient &&
    call.attempts < options.attemptsMax &&
    (!failed.mayBeDone || mayRepeat(call.op)) &&
    options.ports.nowMs() + pauseMs + clientLimits.attemptMsUseful < call.endsAtMs &&
    options.budget.take(failed.code === 'DEADLINE' ? 'timeout' : 'failure')
  if (!again) {
    const last = { ...failed, mayBeDone: failed.mayBeDone && sent }
    throw errorOf(call, inWords(last, options.endpoints), cause)
  }
  call.lost ||= failed.mayBeDone
  await options.ports.wait(pauseMs, call.op.signal ?? null)
  if (call.op.signal?.aborted === true) {
    const given = abandoned(call.op)
    throw errorOf(call, { ...given.failure, mayBeDone: false }, given)
  }
}

/**
 * At once when another endpoint may help; otherwise what the server asks for and, so that those
 * who were sent away together do not come back together, a random share of a doubling ceiling.
 */
function pauseMsAfter(
  failed: Failure,
  { attempts, elsewhere }: { readonly attempts: number; readonly elsewhere: boolean },
  { ports }: PersistOptions,
): number {
  if (elsewhere) return 0
  const { backoffBaseMs, backoffMaxMs } = clientLimits
  const ceilingMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempts - 1))
  return (failed.retryAfterMs ?? 0) + ports.random() * ceilingMs
}

/** When nobody is left, the error says so, and not only what the last one did. */
function inWords(failed: Failure, endpoints: EndpointList): Failure {
  const { length } = endpoints.all
  if (failed.endpoint !== 'failed' || length === 1 || endpoints.hasReady()) return failed
  return { ...failed, message: `None of ${length} endpoints answers. ${failed.message}` }
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
