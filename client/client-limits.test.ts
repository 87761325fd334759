import { expect, it } from 'vitest'
import { clientLimits } from './client-limits.ts'

it('the bounds of the client fit together', () => {
  const limits = clientLimits
  // A dead endpoint is found out while there is time for another one.
  expect(limits.suspectAfterMs + limits.probeTimeoutMs).toBeLessThan(limits.deadlineMs / 2)
  expect(limits.firstAnswerMs).toBeLessThan(limits.probeTimeoutMs)
  // One round whose answers are all late does not hide what two others measured.
  expect(limits.samplesMax).toBeGreaterThanOrEqual(3 * limits.probesPerRound)
  // Whoever comes back is looked at often enough to be called steady, and sooner than in a round.
  expect(limits.recheckEveryMs * limits.nearerRounds).toBeLessThanOrEqual(limits.steadyAfterMs)
  expect(limits.steadyAfterMs).toBeLessThan(limits.roundEveryMs)
  // The access token, the query and the session token share the server's 16 KiB.
  expect(4_096 + limits.urlCharactersMax + limits.sessionCharactersMax).toBeLessThan(15_000)
})
