/** What servers of other regions may ask, by signed calls. Nobody else gets in. */
import { z } from 'zod'
import { serverStatus } from '../../application/server-status.ts'
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
      }),
    )
    .query(({ ctx }) => serverStatus(ctx.services)),
})
