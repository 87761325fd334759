/**
 * Kill -9 of the server at every step of a sale: whatever was under way ends as captured with
 * tickets or as never charged, and what a fan was told stays true. FRONTROW_KILLS=all kills at
 * each point alone (minutes); without it many sales are stopped at their points and die together.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Acknowledged } from '../support/agreement.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { shortWalk, wholeWalk } from './kill-plan.ts'
import { KillPoints, nameOfPoint } from './kill-points.ts'
import { openProcessSystem, type ProcessSystem } from './process-system.ts'
import { playRound, traceSale } from './rounds.ts'

const killAll = process.env['FRONTROW_KILLS'] === 'all'
const timeout = killAll ? 60 * 60_000 : 8 * 60_000

for (const book of ['sql', 'redis'] as const) {
  describeUnless(book === 'redis' ? redisMissing() : null, `with the ${book} hold book`, () => {
    const points = new KillPoints()
    let system: ProcessSystem
    beforeAll(async () => {
      const { watch } = points
      // Everything that is stopped keeps a connection.
      const settings = { DATABASE_POOL_MAX: '80' }
      system = await openProcessSystem({ book, watch, webhooks: false, settings })
    })
    afterAll(() => system[Symbol.asyncDispose]())

    it('no kill at any step of a sale loses an order or money', { timeout }, async () => {
      // The first sale meets what only the very first one does: scripts that Redis doesn't know.
      await traceSale(system, points)
      const trace = await traceSale(system, points)
      const rounds = killAll ? wholeWalk(trace) : shortWalk(trace)
      const acknowledged: Acknowledged[] = []
      for (const round of rounds) {
        const names = round.flatMap(({ point }) => (point === null ? [] : [nameOfPoint(point)]))
        acknowledged.push(...(await playRound(system, points, round)))
        await system.settle()
        expect(await system.faults(acknowledged), `killed ${names.join(', ')}`).toEqual([])
      }
      const [steps, sales] = [trace.request.length + trace.worker.length, rounds.flat().length]
      process.stdout.write(
        `${book}: ${steps} steps, ${rounds.length} kills, ${sales} sales stopped, ` +
          `${acknowledged.length} acknowledged\n`,
      )
      expect(acknowledged.length).toBeGreaterThan(0)
    })
  })
}
