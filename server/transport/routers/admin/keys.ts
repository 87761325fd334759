/** Keys of partners' programs: the text is shown once, and only here. */
import { z } from 'zod'
import { createApiKey } from '../../../application/create-api-key.ts'
import { getApiKey, listApiKeys, revokeApiKey } from '../../../application/manage-api-keys.ts'
import { scopes } from '../../../domain/access.ts'
import { audited } from '../../audited.ts'
import { pageOf } from '../../catalogue-shapes.ts'
import * as organisations from '../../organisation-shapes.ts'
import { presentApiKey } from '../../present-organisation.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'
import { personOf } from '../person-of.ts'

const { organisationId: organisation } = shapes
const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value))

export const keys = router({
  create: procedure
    .role('owner', null)
    .input(
      z.strictObject({
        organisation,
        key: shapes.key,
        name: z.string().max(200),
        scopes: z.array(organisations.scope).min(1).max(scopes.length),
        expiresAt: instant,
      }),
    )
    .use(audited())
    .output(z.object({ apiKey: organisations.apiKey, text: z.string().nullable() }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { apiKey, text } = await createApiKey(services, personOf(caller), input)
      return { apiKey: presentApiKey(apiKey), text }
    }),

  list: procedure
    .role('manager', null)
    .input(z.strictObject({ organisation, ...shapes.page }))
    .output(pageOf(organisations.apiKey.extend({ lastUsedAt: z.string().nullable() })))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listApiKeys(services, input)
      const presented = items.map(({ apiKey, lastUsedAt }) => ({
        ...presentApiKey(apiKey),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      }))
      return { items: presented, nextCursor }
    }),

  revoke: procedure
    .role('manager', null)
    .input(z.strictObject({ organisation, apiKey: organisations.apiKeyId }))
    .use(audited({ before: getApiKey }))
    .output(organisations.apiKey)
    .mutation(async ({ ctx: { services }, input }) =>
      presentApiKey(await revokeApiKey(services, input)),
    ),
})
