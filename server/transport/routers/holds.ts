/** Holds of the caller: place, look, extend, give back, get back. */
import { z } from 'zod'
import { extendHold, getHold, releaseHold } from '../../application/manage-hold.ts'
import { placeHold } from '../../application/place-hold.ts'
import { reclaimHold } from '../../application/reclaim-hold.ts'
import { presentHold } from '../present.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

const ofHold = z.strictObject({ event: shapes.eventId, hold: shapes.orderId })

export const holds = router({
  place: procedure.signedIn
    .meta({ at: 'authority' })
    .input(z.strictObject({ event: shapes.eventId, key: shapes.key, seats: shapes.seatWish }))
    .output(shapes.hold)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentHold(await placeHold(services, caller, input), services.clock),
    ),

  get: procedure
    .owner('hold')
    .meta({ at: 'authority' })
    .input(ofHold)
    .output(shapes.hold)
    .query(async ({ ctx: { services, caller }, input }) =>
      presentHold(await getHold(services, caller, input), services.clock),
    ),

  extend: procedure
    .owner('hold')
    .meta({ at: 'authority' })
    .input(ofHold)
    .output(shapes.hold)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentHold(await extendHold(services, caller, input), services.clock),
    ),

  release: procedure
    .owner('hold')
    .meta({ at: 'authority' })
    .input(ofHold)
    .output(z.object({ released: z.boolean() }))
    .mutation(({ ctx: { services, caller }, input }) => releaseHold(services, caller, input)),

  /** For a fan whose hold was lost with its region or its Redis: back to the same seats, if free. */
  reclaim: procedure
    .owner('hold')
    .meta({ at: 'authority' })
    .input(z.strictObject({ holdToken: shapes.holdToken }))
    .output(shapes.hold)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentHold(await reclaimHold(services, caller, input), services.clock),
    ),
})
