/** The caller's own organisations: which they are, and leaving one. */
import { z } from 'zod'
import { findMembershipOf, leaveOrganisation } from '../../application/change-member.ts'
import { ownOrganisations } from '../../application/list-members.ts'
import type { OrganisationKey } from '../../application/update-organisation.ts'
import { audited } from '../audited.ts'
import { pageOf } from '../catalogue-shapes.ts'
import { role } from '../organisation-shapes.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

export const organisations = router({
  mine: procedure.signedIn
    .input(z.strictObject(shapes.page))
    .output(pageOf(z.object({ id: z.string(), name: z.string(), role })))
    .query(async ({ ctx: { services, caller }, input }) => {
      const { items, nextCursor } = await ownOrganisations(services, caller, input)
      return { items: [...items], nextCursor }
    }),

  /** Whoever is no member has left already, whether there is such an organisation or not. */
  leave: procedure.signedIn
    .input(z.strictObject({ organisation: shapes.organisationId }))
    .use(
      audited<OrganisationKey>({
        chain: async (services, input, caller) =>
          (await findMembershipOf(services, caller, input))?.organisation ?? null,
        before: (services, input, caller) => findMembershipOf(services, caller, input),
      }),
    )
    .output(z.object({ left: z.literal(true) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      await leaveOrganisation(services, caller, input)
      return { left: true as const }
    }),
})
