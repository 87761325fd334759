/** What anybody may see of events: list, page, seat map, and what is free. */
import { z } from 'zod'
import { eventAvailability } from '../../application/event-availability.ts'
import { getEvent } from '../../application/get-event.ts'
import { getSeatMap } from '../../application/get-seat-map.ts'
import { listEvents } from '../../application/list-events.ts'
import { refuse } from '../../domain/refusal.ts'
import * as catalogue from '../catalogue-shapes.ts'
import { presentEvent, presentSeatMap, presentSummary } from '../present-catalogue.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value))
const sectionName = shapes.text(40).min(1)

export const events = router({
  list: procedure.public
    .input(
      z.strictObject({
        ...shapes.page,
        city: shapes.text(200).optional(),
        category: shapes.text(100).optional(),
        from: instant.optional(),
        to: instant.optional(),
        hideEnded: z.boolean().default(true),
      }),
    )
    .output(catalogue.pageOf(catalogue.eventSummary))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listEvents(services, input)
      return { items: items.map(presentSummary), nextCursor }
    }),

  get: procedure.public
    .input(z.strictObject({ event: shapes.eventId }))
    .output(catalogue.event)
    .query(async ({ ctx: { services }, input }) => presentEvent(await getEvent(services, input))),

  /** The outline of all sections, or one section with its rows and seats. Immutable by its hash. */
  seatMap: procedure.public
    .input(z.strictObject({ event: shapes.eventId, section: sectionName.optional() }))
    .output(catalogue.seatMap)
    .query(async ({ ctx: { services }, input }) => {
      const found = presentSeatMap(await getSeatMap(services, input), input.section)
      if (found.sections.length > 0) return found
      return refuse('SEATS_UNKNOWN', 'The event has no such section.')
    }),

  availability: procedure.public
    .input(z.strictObject({ event: shapes.eventId, section: sectionName.optional() }))
    .output(
      z.object({
        asOf: z.string(),
        sections: z.array(
          z.object({
            name: z.string(),
            firstUnit: z.int(),
            units: z.int(),
            free: z.int(),
            states: z.string().nullable(),
          }),
        ),
      }),
    )
    .query(async ({ ctx: { services }, input }) => {
      const { asOfMs, sections } = await eventAvailability(services, input)
      return { asOf: new Date(asOfMs).toISOString(), sections: [...sections] }
    }),
})
