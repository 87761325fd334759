/** Bounds of how wrong a server's wall clock may be, and of finding out, each with its why. */
import { assert } from './assert.ts'
import { limits } from './limits.ts'

export const clockLimits = {
  /** Two servers, each off by so much to another side, still take each other's tokens and calls. */
  offsetMaxMs: 2_000,
  /** Off, it must come so near to be right again: a clock at the edge does not come and go. */
  offsetBackMs: 1_500,
  /** Between two looks; a server that is alone only tells of it. */
  lookPeriodMs: 1_000,
  lookAlonePeriodMs: 10_000,
  /** A look that takes longer says too little: its half is how wrong it may be. */
  lookWithinMs: 1_000,
  /** What was seen is carried on by the monotonic clock for so long: some milliseconds of drift. */
  seenForMs: 30_000,
  /** `Date` headers are of whole seconds: this is what they mean, give or take as much. */
  dateHeaderHalfMs: 500,
} as const

assert(
  2 * clockLimits.offsetMaxMs < limits.clockSkewMs && limits.clockSkewMs < limits.regionCallMs,
  'servers that are not yet off take what others sign and issue',
)
assert(
  clockLimits.offsetMaxMs >= clockLimits.lookWithinMs + 2 * clockLimits.dateHeaderHalfMs,
  'the slowest look at a region that agrees with us shows that it does',
)
assert(
  clockLimits.offsetBackMs < clockLimits.offsetMaxMs &&
    clockLimits.offsetBackMs > clockLimits.lookWithinMs,
  'the slowest look shows that a clock is right again',
)
