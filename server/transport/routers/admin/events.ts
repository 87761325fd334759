/** An organisation's events: from draft to sale to end. */
import { z } from 'zod'
import { cancelEvent } from '../../../application/cancel-event.ts'
import { createEvent } from '../../../application/create-event.ts'
import { endSales } from '../../../application/end-sales.ts'
import {
  getOrganisationEvent,
  listOrganisationEvents,
} from '../../../application/organisation-events.ts'
import { publishEvent } from '../../../application/publish-event.ts'
import { setPriceTiers } from '../../../application/set-price-tiers.ts'
import { updateEvent } from '../../../application/update-event.ts'
import { audited } from '../../audited.ts'
import * as catalogue from '../../catalogue-shapes.ts'
import { presentManagedEvent, presentTier } from '../../present-catalogue.ts'
import * as shapes from '../../shapes.ts'
import { eventBefore, pricesBefore } from '../../states-before.ts'
import { procedure, router } from '../../trpc.ts'

const { organisationId: organisation, eventId: event } = shapes
const ofEvent = z.strictObject({ organisation, event })
const status = z.enum(['draft', 'published', 'on_sale', 'ended', 'cancelled'])
const withTiers = z.object({ event: catalogue.managedEvent, tiers: z.array(catalogue.managedTier) })

export const events = router({
  create: procedure
    .role('manager', 'catalogue:write')
    .input(
      z.strictObject({
        organisation,
        key: shapes.key,
        homeRegion: z.string().max(63).optional(),
        ...catalogue.eventFields,
      }),
    )
    .use(audited())
    .output(catalogue.managedEvent)
    .mutation(async ({ ctx: { services }, input }) =>
      presentManagedEvent(await createEvent(services, input)),
    ),

  update: procedure
    .role('manager', 'catalogue:write')
    .input(
      z.strictObject({
        organisation,
        event,
        version: catalogue.version,
        changes: catalogue.eventChanges,
      }),
    )
    .use(audited({ before: eventBefore }))
    .output(catalogue.managedEvent)
    .mutation(async ({ ctx: { services }, input }) =>
      presentManagedEvent(await updateEvent(services, input)),
    ),

  setPrices: procedure
    .role('manager', 'catalogue:write')
    .input(
      z.strictObject({
        organisation,
        event,
        version: catalogue.version,
        tiers: z.array(catalogue.priceTier).max(500),
      }),
    )
    .use(audited({ before: pricesBefore }))
    .output(withTiers)
    .mutation(async ({ ctx: { services }, input }) => {
      const priced = await setPriceTiers(services, input)
      return { event: presentManagedEvent(priced.event), tiers: priced.tiers.map(presentTier) }
    }),

  publish: procedure
    .role('manager', 'catalogue:write')
    .input(ofEvent)
    .use(audited({ before: eventBefore }))
    .output(catalogue.managedEvent)
    .mutation(async ({ ctx: { services }, input }) =>
      presentManagedEvent(await publishEvent(services, input)),
    ),

  endSales: procedure
    .role('manager', 'catalogue:write')
    .input(ofEvent)
    .use(audited({ before: eventBefore }))
    .output(catalogue.managedEvent)
    .mutation(async ({ ctx: { services }, input }) =>
      presentManagedEvent(await endSales(services, input)),
    ),

  cancel: procedure
    .role('manager', 'catalogue:write')
    .input(ofEvent)
    .use(audited({ before: eventBefore }))
    .output(catalogue.managedEvent)
    .mutation(async ({ ctx: { services }, input }) =>
      presentManagedEvent(await cancelEvent(services, input)),
    ),

  get: procedure
    .role('door', 'catalogue:read')
    .input(ofEvent)
    .output(withTiers.extend({ status }))
    .query(async ({ ctx: { services }, input }) => {
      const found = await getOrganisationEvent(services, input)
      return {
        event: presentManagedEvent(found.event),
        status: found.status,
        tiers: found.tiers.map(presentTier),
      }
    }),

  list: procedure
    .role('door', 'catalogue:read')
    .input(z.strictObject({ organisation, ...shapes.page }))
    .output(catalogue.pageOf(z.object({ event: catalogue.managedEvent, status })))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listOrganisationEvents(services, input)
      const presented = items.map((item) => ({ ...item, event: presentManagedEvent(item.event) }))
      return { items: presented, nextCursor }
    }),
})
