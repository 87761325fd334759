/**
 * The two ways to leave a test out. Both need a reason, which the run lists at its end: a test that
 * is left out without one fails the run.
 */
import { describe, type TestContext } from 'vitest'

/** Inside a test: leaves it out when there is a reason why it cannot run here. */
export function skipUnless(context: TestContext, reason: string | null): void {
  if (reason !== null) context.skip(reason)
}

/** Around tests: leaves all of them out when there is a reason why they cannot run here. */
export function describeUnless(reason: string | null, name: string, tests: () => void): void {
  describe.skipIf(reason !== null)(reason === null ? name : `${name} (skipped: ${reason})`, tests)
}
