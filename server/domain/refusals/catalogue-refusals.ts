/** Refusals to those who make venues, seat maps, events and prices. */
import type { RefusalGroup } from './refusal-facts.ts'

export const catalogueRefusals = {
  EDIT_CONFLICT: {
    status: 409,
    retryAfterMs: null,
    means: 'somebody else changed it since it was read',
    fan: 'looks again and repeats the change',
    operator: 'nothing',
    developer: 'reads the newest version and applies the change to it',
    details: '`version`: the version that is current now, where one was given',
  },
  WRONG_STATE: {
    status: 409,
    retryAfterMs: null,
    means:
      'the thing is in a state that does not allow this: an event that is published, a ticket that is void',
    fan: 'looks at it again',
    operator: 'nothing',
    developer: 'reads the state first',
    details:
      'of a published event: `state`, and `fields`: the names of those that can no longer be changed',
  },
  SEAT_MAP_FAULTY: {
    status: 422,
    retryAfterMs: null,
    means: 'the seat-map file has faults; none of it was stored',
    fan: 'mends the file',
    operator: 'nothing',
    developer: 'shows all faults at once',
    details: '`faults`: a list of `{ line, column, code, message, path? }`; lines count from 1',
  },
  PRICES_INCOMPLETE: {
    status: 422,
    retryAfterMs: null,
    means: 'a section has no price tier',
    fan: 'sets the prices',
    operator: 'nothing',
    developer: 'publishes again afterwards',
    details: '`sections`: the names of those without a price',
  },
} as const satisfies RefusalGroup
