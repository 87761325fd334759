/** Who did what: an organisation's own entries, and those of the platform. */
import { z } from 'zod'
import { listAuditEntries } from '../../../application/list-audit-entries.ts'
import { platformChain } from '../../../domain/audit-entry.ts'
import { pageOf } from '../../catalogue-shapes.ts'
import { auditEntry } from '../../organisation-shapes.ts'
import { presentAuditEntry } from '../../present-organisation.ts'
import * as shapes from '../../shapes.ts'
import { procedure, router } from '../../trpc.ts'

export const audit = router({
  list: procedure
    .role('owner', 'audit:read')
    .input(z.strictObject({ organisation: shapes.organisationId, ...shapes.page }))
    .output(pageOf(auditEntry))
    .query(async ({ ctx: { services }, input: { organisation, ...page } }) => {
      const { items, nextCursor } = await listAuditEntries(services, organisation, page)
      return { items: items.map(presentAuditEntry), nextCursor }
    }),

  /** What belongs to no organisation: making one, and who runs the platform. */
  platform: procedure.platformAdmin
    .input(z.strictObject(shapes.page))
    .output(pageOf(auditEntry))
    .query(async ({ ctx: { services }, input }) => {
      const { items, nextCursor } = await listAuditEntries(services, platformChain, input)
      return { items: items.map(presentAuditEntry), nextCursor }
    }),
})
