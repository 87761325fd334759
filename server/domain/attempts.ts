/**
 * Whoever guesses waits, longer each time. Failures count per account and address block, and over
 * all blocks per account; see docs/decisions/0008-rate-limits.md. Nothing here locks for ever, and
 * nobody elsewhere makes an owner wait longer than `attemptDelayElsewhereMaxMs`.
 */
import { limits } from '../platform/limits.ts'
import { type Refusal, refusal } from './refusal.ts'

export type AttemptKind = 'password' | 'code' | 'second-factor'

export type Attempt = {
  readonly kind: AttemptKind
  /** Whose secret is guessed: an address' hash or an id. It is hashed again before it is kept. */
  readonly subject: string
  /** Where the guess comes from: the client's address as text, `ctx.address`. */
  readonly address: string
}

export type Attempts = {
  /**
   * Before the secret is looked at. Counts the attempt at once, so that many at one time are many.
   * @throws RefusedError RATE_LIMITED with the wait; such a call counts for nothing
   */
  readonly check: (attempt: Attempt) => Promise<void>
  /** The secret was wrong: the wait begins now. */
  readonly failed: (attempt: Attempt) => Promise<void>
  /** It was right: the block's failures are forgotten, and the block is known to the account. */
  readonly succeeded: (attempt: Attempt) => Promise<void>
}

/** Failures of one block on one account, and of all blocks on it. */
export type Failures = {
  readonly here: number
  readonly everywhere: number
  /** Somebody has shown the right secret from this block. */
  readonly isKnown: boolean
}

/** How long after its last attempt a block waits before the next. Milliseconds. */
export function attemptDelayMs({ here, everywhere, isKnown }: Failures): number {
  const own = doubled(here - limits.attemptsFree, limits.attemptDelayMaxMs)
  if (isKnown) return own
  const others = everywhere - limits.attemptsFreeEverywhere
  return Math.max(own, doubled(others, limits.attemptDelayElsewhereMaxMs))
}

/** Nothing up to `steps` 0, then the base, then twice as much each time. */
function doubled(steps: number, maxMs: number): number {
  if (steps < 0) return 0
  const exponent = Math.min(steps, 40)
  return Math.min(maxMs, limits.attemptDelayBaseMs * 2 ** exponent)
}

export function tooManyAttempts(retryAfterMs: number): Refusal {
  const text = 'Too many wrong attempts: wait before the next.'
  return { ...refusal('RATE_LIMITED', text), retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) }
}
