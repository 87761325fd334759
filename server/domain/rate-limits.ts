/**
 * How many calls whoever calls may make in a minute: a port. What is bought, what leads to an
 * account and what is merely looked at are counted apart, so that none of them uses up another;
 * see docs/decisions/0008-rate-limits.md.
 */
import { type Refusal, refusal } from './refusal.ts'

/** Who is counted. */
export type RateParty = 'caller' | 'address' | 'organisation'

export type RatePurpose = 'browse' | 'buy' | 'account'

export type CallsToCount = {
  readonly by: RateParty
  /** A person's, key's or organisation's id, or an address block. */
  readonly subject: string
  readonly purpose: RatePurpose
  /** Calls, not requests: each of a batch. */
  readonly calls: number
}

export type Allowance = {
  readonly by: RateParty
  readonly isOver: boolean
  /** Calls a window, calls left in it, and how long it lasts yet. */
  readonly limit: number
  readonly remaining: number
  readonly endsInMs: number
}

export type RateLimits = {
  /** Over all servers of the region. Never fails: without Redis this server counts alone. */
  readonly take: (counted: CallsToCount) => Promise<Allowance>
  /** All that comes from one address block to this server, signed in or not. Costs no message. */
  readonly takeFromBlock: (block: string, calls: number) => Allowance
}

const buying = /^(holds|checkout|orders|tickets)\./
const account = /^accounts\./

/** What a call is for, by its procedure's path. */
export function purposeOf(path: string): RatePurpose {
  if (buying.test(path)) return 'buy'
  return account.test(path) ? 'account' : 'browse'
}

export function tooManyCalls({ endsInMs }: Pick<Allowance, 'endsInMs'>): Refusal {
  const retryAfterMs = Math.max(1, Math.ceil(endsInMs))
  return { ...refusal('RATE_LIMITED', 'Too many calls: wait a moment.'), retryAfterMs }
}
