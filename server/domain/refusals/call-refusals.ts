/** Refusals that any call may meet, whatever it is about. */
import type { RefusalGroup } from './refusal-facts.ts'

export const callRefusals = {
  NOT_SIGNED_IN: {
    status: 401,
    retryAfterMs: null,
    means:
      'no access token or key, or one that does not verify (expired, withdrawn, another issuer)',
    fan: 'signs in again',
    operator: "looks at the issuer's keys if many see it",
    developer: 'renews the token and calls again; `client/` does that once by itself',
  },
  NOT_ALLOWED: {
    status: 403,
    retryAfterMs: null,
    means: 'it is known who calls, and neither role nor scope allows this',
    fan: 'asks an owner of the organisation for the role',
    operator: 'nothing',
    developer: 'hides what the role cannot do; asks for a key with the scope',
  },
  NOT_FOUND: {
    status: 404,
    retryAfterMs: null,
    means: "no such thing, or not the caller's: the two look alike",
    fan: 'goes back to the list',
    operator: 'nothing',
    developer:
      'checks the id; after a lost answer: nothing was done yet, sends again with the same key',
  },
  BAD_INPUT: {
    status: 400,
    retryAfterMs: null,
    means: 'a field is missing, extra, of the wrong type or out of bounds; no row was changed',
    fan: 'corrects the field named',
    operator: 'nothing',
    developer: 'shows each fault beside its field, from `issues` or from `details.faults`',
    details:
      '`faults`: at most 100 of `{ field, message }`; or `field`: the name of the one that is wrong; `regions`: the names to choose from',
  },
  TOO_LARGE: {
    status: 413,
    retryAfterMs: null,
    means: 'the body is larger than the bound',
    fan: 'sends less',
    operator: 'nothing',
    developer: 'splits the call; seat maps go to `admin.seatMaps.import`, alone',
  },
  RATE_LIMITED: {
    status: 429,
    retryAfterMs: 1_000,
    means: 'too many calls, wrong attempts or sign-ins in a short time; nothing was done',
    fan: 'waits as long as told',
    operator: 'raises the limit if honest callers see it: `frontrow_rate_limited_total`',
    developer: 'waits `retryAfterMs`, which is longer the more attempts were wrong; calls less',
  },
  KEY_REUSED: {
    status: 409,
    retryAfterMs: null,
    means: 'the idempotency key stands for another wish',
    fan: 'nothing',
    operator: 'nothing',
    developer: 'makes a new key for each wish and keeps it over retries only',
  },
} as const satisfies RefusalGroup
