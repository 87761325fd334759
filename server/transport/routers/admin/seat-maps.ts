/** Seat maps of a venue: immutable, named by the hash of what they show. */
import { z } from 'zod'
import { getVenueSeatMap } from '../../../application/get-seat-map.ts'
import { importSeatMap } from '../../../application/import-seat-map.ts'
import { listSeatMaps } from '../../../application/list-venues.ts'
import { audited } from '../../audited.ts'
import * as catalogue from '../../catalogue-shapes.ts'
import { presentSeatMap } from '../../present-catalogue.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'

const { organisationId: organisation, venueId: venue } = shapes

export const seatMaps = router({
  /** The file as base64, since its very bytes are judged: encoding, lines and columns. */
  import: procedure
    .role('manager', 'catalogue:write')
    .input(
      z.strictObject({
        organisation,
        venue,
        format: z.enum(['json', 'csv']),
        content: z.base64(),
        name: z.string().min(1).max(100).optional(),
      }),
    )
    .use(audited())
    .output(catalogue.seatMapEntry)
    .mutation(({ ctx: { services }, input: { content, ...input } }) =>
      importSeatMap(services, { ...input, bytes: Buffer.from(content, 'base64') }),
    ),

  list: procedure
    .role('door', 'catalogue:read')
    .input(z.strictObject({ organisation, venue, ...shapes.page }))
    .output(catalogue.pageOf(catalogue.seatMapEntry))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listSeatMaps(services, input)
      return { items: [...items], nextCursor }
    }),

  get: procedure
    .role('door', 'catalogue:read')
    .input(
      z.strictObject({
        organisation,
        venue,
        hash: catalogue.eventFields.seatMapHash,
        section: z.string().max(40).optional(),
      }),
    )
    .output(catalogue.seatMap)
    .query(async ({ ctx: { services }, input }) =>
      presentSeatMap(await getVenueSeatMap(services, input), input.section),
    ),
})
