/** Refusals that pass by themselves: the same call with the same key may be sent again. */
import type { RefusalGroup } from './refusal-facts.ts'

export const outageRefusals = {
  OUTCOME_UNKNOWN: {
    status: 503,
    retryAfterMs: 1_000,
    means: 'it may have been done: the answer was lost on the way',
    fan: 'waits a moment',
    operator: 'looks at the database if many see it',
    developer: 'repeats with the same key, or asks `orders.getByKey`',
  },
  CONTENTION: {
    status: 503,
    retryAfterMs: 200,
    means: 'too many wanted the same rows at once; nothing was done',
    fan: 'waits a moment',
    operator: 'looks at `frontrow_db_attempts_total{outcome="retry"}`',
    developer: 'repeats with the same key',
  },
  OLD_EPOCH: {
    status: 503,
    retryAfterMs: 500,
    means: 'sales of this event moved to another server; nothing was done',
    fan: 'waits a moment',
    operator: 'nothing, if a region was moved or lost',
    developer: 'repeats with the same key',
  },
  NO_AUTHORITY: {
    status: 503,
    retryAfterMs: 500,
    means:
      'no region sells this event at this moment: the one that did is gone, and another one is about to take over; nothing was done',
    fan: 'waits a moment',
    operator: 'looks at `npm run regions -- status` if it lasts longer than a lease',
    developer: 'repeats with the same key',
  },
  AUTHORITY_MOVED: {
    status: 503,
    retryAfterMs: 200,
    means:
      'the server that was asked by another one does not sell this event; nothing was done. Between servers only',
    fan: 'waits a moment',
    operator: 'nothing, if a region was moved or lost',
    developer: 'repeats with the same key',
    details: '`serverRegion` and `epoch`: who sells it, as far as is known there; or nothing',
  },
  UNAVAILABLE: {
    status: 503,
    retryAfterMs: 1_000,
    means:
      'the database or the hold book is out of reach, or the clock of the server is wrong; nothing was sold, a hold may have been placed or ended',
    fan: 'waits a moment',
    operator: 'looks at `/readyz`',
    developer: 'repeats with the same key',
  },
} as const satisfies RefusalGroup
