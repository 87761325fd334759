/** Offers of a role by mail. Managers offer every role but owner; owners all. */
import { z } from 'zod'
import { resendInvitation, withdrawInvitation } from '../../../application/change-invitation.ts'
import { invite } from '../../../application/invite.ts'
import { getInvitation, listInvitations } from '../../../application/own-invitations.ts'
import { audited } from '../../audited.ts'
import { pageOf, version } from '../../catalogue-shapes.ts'
import * as organisations from '../../organisation-shapes.ts'
import { presentInvitation } from '../../present-organisation.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'
import { personOf } from '../person-of.ts'

const { organisationId: organisation } = shapes
const ofInvitation = { organisation, invitation: organisations.invitationId }

export const invitations = router({
  create: procedure
    .role('manager', null)
    .input(
      z.strictObject({
        organisation,
        key: shapes.key,
        email: organisations.email,
        role: organisations.role,
        locale: organisations.locale,
      }),
    )
    .use(audited())
    .output(organisations.invitation)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentInvitation(await invite(services, personOf(caller), input)),
    ),

  list: procedure
    .role('manager', null)
    .input(z.strictObject({ organisation, ...shapes.page }))
    .output(pageOf(organisations.invitation))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listInvitations(services, input)
      return { items: items.map(presentInvitation), nextCursor }
    }),

  resend: procedure
    .role('manager', null)
    .input(z.strictObject({ ...ofInvitation, version }))
    .use(audited({ before: getInvitation }))
    .output(organisations.invitation)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentInvitation(await resendInvitation(services, personOf(caller), input)),
    ),

  withdraw: procedure
    .role('manager', null)
    .input(z.strictObject(ofInvitation))
    .use(audited({ before: getInvitation }))
    .output(organisations.invitation)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      presentInvitation(await withdrawInvitation(services, personOf(caller), input)),
    ),
})
