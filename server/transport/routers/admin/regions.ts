/** How the regions stand, and planned moves of authority: for those who run the platform. */
import { z } from 'zod'
import type { Services } from '../../../application/services.ts'
import { audited } from '../../audited.ts'
import { movedHome, regionName, regionStatus } from '../../region-shapes.ts'
import { procedure, router } from '../../trpc.ts'

const moves = z.object({ moved: z.array(movedHome) })
const statusBefore = ({ regionMoves }: Services) => regionMoves.status()

export const regions = router({
  status: procedure.platformAdmin
    .input(z.strictObject({}))
    .output(z.object({ asOf: z.string(), regions: z.array(regionStatus) }))
    .query(async ({ ctx: { services } }) => {
      const { asOfMs, regions: all } = await services.regionMoves.status()
      const shown = all.map((one) => ({
        ...one,
        homes: [...one.homes],
        followers: [...one.followers],
      }))
      return { asOf: new Date(asOfMs).toISOString(), regions: shown }
    }),

  /** Takes all authority from a region, and keeps it from taking any until it is restored. */
  drain: procedure.platformAdmin
    .input(z.strictObject({ region: regionName, to: regionName.optional() }))
    .use(audited({ before: statusBefore }))
    .output(moves)
    .mutation(async ({ ctx: { services }, input }) => {
      const { moved } = await services.regionMoves.drain({ ...input, to: input.to ?? null })
      return { moved: [...moved] }
    }),

  restore: procedure.platformAdmin
    .input(z.strictObject({ region: regionName }))
    .use(audited({ before: statusBefore }))
    .output(moves)
    .mutation(async ({ ctx: { services }, input }) => {
      const { moved } = await services.regionMoves.restore(input)
      return { moved: [...moved] }
    }),
})
