/** Bounds of leases, takeovers and planned moves of authority, each with its unit and its why. */
import { assert } from './assert.ts'
import { limits } from './limits.ts'

export const authorityLimits = {
  /** Of a lease, what two machines' clocks may drift apart in its time, and a good deal more. */
  leaseDriftPart: 0.02,
  /** How much later each further stand-in takes over: the first one has begun to sell by then. */
  standInStaggerMs: 1_000,
  /** Between two looks at one lease at least, and after a look that failed: the database is not asked in a circle. */
  leasePauseMs: 25,
  leaseRetryMs: 250,
  /** Changes that a region may lack before a planned move begins: some milliseconds' worth. */
  handOverBehindMax: 2_000,
  /** Sales pause while the last holds are copied; longer than this they go on where they were. */
  handOverCopyMs: 800,
  handOverLookMs: 10,
  /** What a region is asked about itself is worth no longer wait. */
  regionAskTimeoutMs: 2_000,
  /** A planned move is asked of the region that gives: checks, copying, and one statement. */
  handOverAskMs: 10_000,
  /** A region whose Redis is away for longer leaves its authority to others, and again so often. */
  bookLossMs: 5_000,
  offerEveryMs: 60_000,
  /** A statement about a lease gives up after this: a late answer is worth nothing. */
  leaseStatementMs: 5_000,
} as const

assert(
  authorityLimits.handOverAskMs > authorityLimits.handOverCopyMs + authorityLimits.leaseStatementMs,
  'whoever asks for a move waits longer than it takes',
)
assert(
  authorityLimits.leaseStatementMs < limits.statementTimeoutMs,
  'a lease is looked after while sales wait for a slow database',
)
