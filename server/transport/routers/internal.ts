/** What servers of other regions may ask, by signed calls. Nobody else gets in. */
import { z } from 'zod'
import * as answers from '../../application/replication-shapes.ts'
import {
  bookFor,
  booksFor,
  changesFor,
  copyFor,
  unitsFor,
} from '../../application/serve-followers.ts'
import { serverStatus } from '../../application/server-status.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { followerStatus, movedHome, regionName } from '../region-shapes.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

const home = shapes.text(100).min(1)
const tenure = { home, epoch: z.int().min(1) }
const cursor = shapes.text(32).nullable()

export const internal = router({
  status: procedure.region
    .input(z.strictObject({}))
    .output(
      z.object({
        region: z.string(),
        version: z.string(),
        holdBook: z.enum(['redis', 'sql']),
        draining: z.boolean(),
        following: z.array(followerStatus),
      }),
    )
    .query(({ ctx }) => {
      const { following, ...status } = serverStatus(ctx.services)
      return { ...status, following: [...following] }
    }),

  /** Gives what the called server's region has to another region: asked by whoever drains it. */
  handOver: procedure.region
    .input(z.strictObject({ home: regionName, to: regionName }))
    .output(movedHome)
    .mutation(({ ctx: { services }, input }) => services.regionMoves.handOver(input)),

  /** The called region has a new authority: it need not wait for its next look. */
  keepSoon: procedure.region
    .input(z.strictObject({ home: regionName }))
    .output(z.object({ heard: z.literal(true) }))
    .mutation(({ ctx: { services }, input }) => {
      services.regionMoves.keepSoon(input.home)
      return { heard: true as const }
    }),

  /** Changes of holds after a position; waits for them where there are none. */
  changes: procedure.region
    .input(
      z.strictObject({
        ...tenure,
        incarnation: shapes.text(200).nullable(),
        after: z.int().nonnegative(),
        limit: z.int().min(1).max(holdBookLimits.changesPerAnswerMax),
        waitMs: z.int().min(0).max(holdBookLimits.followWaitMs),
      }),
    )
    .output(answers.changesAnswer)
    .query(({ ctx: { services, caller }, input }) => changesFor(services, caller.region, input)),

  /** Events that have a hold book, for a follower's snapshot. */
  books: procedure.region
    .input(z.strictObject({ ...tenure, cursor }))
    .output(answers.booksPage)
    .query(({ ctx: { services }, input }) => booksFor(services, input, input.cursor)),

  /** One event's book, a part at a time. */
  book: procedure.region
    .input(z.strictObject({ ...tenure, event: shapes.eventId, cursor }))
    .output(answers.bookPage.nullable())
    .query(({ ctx: { services }, input }) => bookFor(services, input)),

  /** All units of an event that the called region sells, for one that has no copy of it. */
  units: procedure.region
    .input(z.strictObject({ ...tenure, event: shapes.eventId }))
    .output(answers.unitsAnswer)
    .query(({ ctx: { services }, input }) => unitsFor(services, input)),

  /** What this region copied of an event's holds, for an authority that has lost its own. */
  copy: procedure.region
    .input(z.strictObject({ home, event: shapes.eventId, cursor }))
    .output(answers.copyPage.nullable())
    .query(({ ctx: { services }, input }) => copyFor(services, input)),
})
