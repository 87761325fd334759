/** Organisations: made and listed by those who run the platform. */
import { z } from 'zod'
import { createOrganisation } from '../../../application/create-organisation.ts'
import { listOrganisations } from '../../../application/list-organisations.ts'
import { audited } from '../../audited.ts'
import { pageOf } from '../../catalogue-shapes.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'

const organisation = z.object({ id: z.string(), name: z.string() })

export const organisations = router({
  create: procedure.platformAdmin
    .input(z.strictObject({ key: shapes.key, name: z.string().max(200) }))
    .use(audited())
    .output(organisation)
    .mutation(({ ctx: { services, caller }, input }) =>
      createOrganisation(services, caller, input),
    ),

  list: procedure.platformAdmin
    .input(z.strictObject(shapes.page))
    .output(pageOf(organisation))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listOrganisations(services, input)
      return { items: [...items], nextCursor }
    }),
})
