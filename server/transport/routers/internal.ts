/** What servers of other regions may ask, by signed calls. Nobody else gets in. */
import { z } from 'zod'
import { serverStatus } from '../../application/server-status.ts'
import { followerStatus, movedHome, regionName } from '../region-shapes.ts'
import { procedure, router } from '../trpc.ts'

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
})
