/** Organisations: made and listed by those who run the platform, named by their own people. */
import { z } from 'zod'
import { createOrganisation, type FirstOwner } from '../../../application/create-organisation.ts'
import { listOrganisations } from '../../../application/list-organisations.ts'
import { getOrganisation, updateOrganisation } from '../../../application/update-organisation.ts'
import { audited } from '../../audited.ts'
import { pageOf, version } from '../../catalogue-shapes.ts'
import { email, locale, organisation, person } from '../../organisation-shapes.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'

const { organisationId } = shapes
const name = z.string().max(200)

/** Whoever has an account, by its id; or whoever gets the invitation. */
const firstOwner = z.union([
  z.strictObject({ person }).transform((owner): FirstOwner => ({ kind: 'person', ...owner })),
  z
    .strictObject({ email, locale })
    .transform((owner): FirstOwner => ({ kind: 'invited', ...owner })),
])

export const organisations = router({
  create: procedure.platformAdmin
    .input(z.strictObject({ key: shapes.key, name, owner: firstOwner.optional() }))
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

  get: procedure
    .role('manager', 'catalogue:read')
    .input(z.strictObject({ organisation: organisationId }))
    .output(organisation)
    .query(({ ctx: { services }, input }) => getOrganisation(services, input)),

  update: procedure
    .role('manager', null)
    .input(z.strictObject({ organisation: organisationId, version, name }))
    .use(audited({ before: getOrganisation }))
    .output(organisation)
    .mutation(({ ctx: { services }, input }) => updateOrganisation(services, input)),
})
