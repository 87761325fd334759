/** The people of an organisation: who they are, what they may do, and their end. */
import { z } from 'zod'
import { getMember, removeMember, setMemberRole } from '../../../application/change-member.ts'
import { listMembers } from '../../../application/list-members.ts'
import { audited } from '../../audited.ts'
import { pageOf, version } from '../../catalogue-shapes.ts'
import * as organisations from '../../organisation-shapes.ts'
import { presentMember } from '../../present-organisation.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'

const { organisationId: organisation } = shapes
const ofMember = { organisation, person: organisations.person, version }

export const members = router({
  list: procedure
    .role('manager', 'members:read')
    .input(z.strictObject({ organisation, ...shapes.page }))
    .output(pageOf(organisations.member))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listMembers(services, input)
      return { items: items.map(presentMember), nextCursor }
    }),

  setRole: procedure
    .role('owner', null)
    .input(z.strictObject({ ...ofMember, role: organisations.role }))
    .use(audited({ before: getMember }))
    .output(organisations.member)
    .mutation(async ({ ctx: { services }, input }) =>
      presentMember(await setMemberRole(services, input)),
    ),

  remove: procedure
    .role('owner', null)
    .input(z.strictObject(ofMember))
    .use(audited({ before: getMember }))
    .output(z.object({ removed: z.literal(true) }))
    .mutation(async ({ ctx: { services }, input }) => {
      await removeMember(services, input)
      return { removed: true as const }
    }),
})
