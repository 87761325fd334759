/** What somebody who was invited does with the code from the letter. */
import { z } from 'zod'
import { acceptInvitation, invitationOfCode } from '../../application/accept-invitation.ts'
import { audited } from '../audited.ts'
import { role } from '../organisation-shapes.ts'
import { procedure, router } from '../trpc.ts'

const code = z.string().min(1).max(100)

export const invitations = router({
  accept: procedure.signedIn
    .input(z.strictObject({ code }))
    .use(
      audited<{ readonly code: string }>({
        chain: async (services, input) =>
          (await invitationOfCode(services, input))?.organisation ?? null,
        before: invitationOfCode,
      }),
    )
    .output(z.object({ organisation: z.object({ id: z.string(), name: z.string() }), role }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { organisation, role: given } = await acceptInvitation(services, caller, input)
      return { organisation: { id: organisation.id, name: organisation.name }, role: given }
    }),
})
