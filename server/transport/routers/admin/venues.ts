/** An organisation's venues. */
import { z } from 'zod'
import { createVenue } from '../../../application/create-venue.ts'
import { listVenues } from '../../../application/list-venues.ts'
import { updateVenue } from '../../../application/update-venue.ts'
import { audited } from '../../audited.ts'
import * as catalogue from '../../catalogue-shapes.ts'
import { presentVenue } from '../../present-catalogue.ts'
import * as shapes from '../../shapes.ts'
import { venueBefore } from '../../states-before.ts'
import { procedure, router } from '../../trpc.ts'

const { organisationId: organisation, venueId: venue } = shapes

export const venues = router({
  create: procedure
    .role('manager', 'catalogue:write')
    .input(z.strictObject({ organisation, key: shapes.key, ...catalogue.venueFields }))
    .use(audited())
    .output(catalogue.venue)
    .mutation(async ({ ctx: { services }, input }) =>
      presentVenue(await createVenue(services, input)),
    ),

  update: procedure
    .role('manager', 'catalogue:write')
    .input(
      z.strictObject({
        organisation,
        venue,
        version: catalogue.version,
        changes: z.strictObject(z.object(catalogue.venueFields).partial().shape),
      }),
    )
    .use(audited({ before: venueBefore }))
    .output(catalogue.venue)
    .mutation(async ({ ctx: { services }, input }) =>
      presentVenue(await updateVenue(services, input)),
    ),

  list: procedure
    .role('door', 'catalogue:read')
    .input(z.strictObject({ organisation, ...shapes.page }))
    .output(catalogue.pageOf(catalogue.venue))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listVenues(services, input)
      return { items: items.map(presentVenue), nextCursor }
    }),
})
