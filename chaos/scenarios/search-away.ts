/** Has its place here until something searches. */
import type { Scenario } from '../scenario.ts'

export const searchAway: Scenario = {
  name: 'search-away',
  title: 'The Typesense of a region is away.',
  holds: 'Events are found through the database, marked as degraded; sales do not notice.',
  targets: ['local', 'compose'],
  parts: {},
  notYet: 'Nothing searches in Typesense yet, so that nothing would notice.',
  tell: () => Promise.reject(new Error('there is nothing to play')),
}
