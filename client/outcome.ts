/** What is known about a write that ended without an answer: refused, or unknown. */
import type { RefusalCode } from './api.ts'
import type { Failure, FailureCode } from './failure.ts'
import type { Outcome } from './frontrow-error.ts'

/**
 * Refusals that are given only after the wish was looked up by its key or its order. Said to a
 * repetition they speak for the lost attempt as well. All others (the window has just closed, the
 * token has run out, the version has changed) may come although the lost attempt was done.
 */
const settling: ReadonlySet<FailureCode> = new Set<RefusalCode>([
  'KEY_REUSED',
  'SEATS_TAKEN',
  'SOLD_OUT',
  'NOT_TOGETHER',
  'LIMIT_REACHED',
  'HOLD_EXPIRED',
  'ORDER_ENDED',
  'CARD_DECLINED',
])

/** @param lost an earlier attempt may have been done, and nobody has said since that it was not */
export function outcomeOf(last: Failure, lost: boolean): Outcome {
  if (last.mayBeDone) return 'unknown'
  return lost && !settling.has(last.code) ? 'unknown' : 'refused'
}
