/**
 * How long an attempt may take, and who ends it: its share of the call's time, the caller, or an
 * endpoint that has fallen silent while another one could still help.
 */
import type { Operation } from '@trpc/client'
import { clientLimits } from '../client-limits.ts'
import type { Endpoint } from '../endpoint.ts'
import type { EndpointList } from '../endpoint-list.ts'
import { AttemptError, failure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { RegionMeasures } from '../region-measures.ts'

type Wanted = {
  readonly op: Operation
  readonly endpoint: Endpoint
  /** The call's own end. */
  readonly endsAtMs: number
  /** No other attempt would follow: this one gets all the time. */
  readonly isLast: boolean
}

type Means = {
  readonly ports: Pick<Ports, 'nowMs'>
  readonly endpoints: EndpointList
  readonly measures: RegionMeasures
}

export function attemptTime({ op, endpoint, endsAtMs, isLast }: Wanted, means: Means) {
  const controller = new AbortController()
  const nowMs = means.ports.nowMs()
  const leftMs = Math.max(0, endsAtMs - nowMs)
  const wantedMs = isLast ? leftMs : Math.max(leftMs / 2, clientLimits.attemptMsMin)
  const shareMs = Math.min(wantedMs, leftMs)
  let lives = false
  const timer = setTimeout(() => controller.abort(lives ? tooSlow : timedOut), shareMs)
  const suspect = async () => {
    lives = await means.measures.isAlive(endpoint)
    // Nobody else could do better: then it may still answer.
    if (!lives && !isLast && means.endpoints.hasReady(new Set([endpoint]))) {
      controller.abort(timedOut)
    }
  }
  const askAfterMs = Math.min(clientLimits.suspectAfterMs, shareMs / 2)
  const mayAsk = means.endpoints.all.length > 1
  const doubt = mayAsk ? setTimeout(() => void suspect(), askAfterMs) : undefined
  const giveUp = () => controller.abort(abandoned(op))
  if (op.signal?.aborted === true) giveUp()
  op.signal?.addEventListener('abort', giveUp, { once: true })
  const end = () => {
    clearTimeout(timer)
    clearTimeout(doubt)
    op.signal?.removeEventListener('abort', giveUp)
  }
  return { signal: controller.signal, endsAtMs: nowMs + shareMs, end }
}

const late = { transient: true, mayBeDone: true } as const
const timedOut = new AttemptError(
  failure('DEADLINE', 'No answer came in time.', { ...late, endpoint: 'failed' }),
)
/** It answers others: perhaps what it waits for is far away or dead. */
const tooSlow = new AttemptError(
  failure('DEADLINE', 'No answer came in time.', { ...late, endpoint: 'doubtful' }),
)

/** The caller's own signal; one that stands for a time limit is a deadline like ours. */
export function abandoned({ signal }: Operation): AttemptError {
  const isTimeout = signal?.reason instanceof Error && signal.reason.name === 'TimeoutError'
  const gaveUp = isTimeout
    ? failure('DEADLINE', 'No answer came in time.', { mayBeDone: true })
    : failure('ABORTED', 'The caller gave up.', { mayBeDone: true })
  return new AttemptError(gaveUp)
}
