/** The person behind a call whose rule names no scope, so that no machine gets there. */
import type { Machine, Person } from '../../domain/access.ts'
import { assert } from '../../platform/assert.ts'

export function personOf(caller: Person | Machine): Person {
  assert(caller.kind === 'person', 'a rule without a scope lets persons in, and nobody else')
  return caller
}
