/**
 * Empties personal data of this region whose time is over: addresses of invitations that ran out
 * (the others are emptied when they end), addresses in the audit log after a year, and sessions and
 * codes of accounts a day after their end.
 */
import type { Services } from '../application/services.ts'
import { limits } from '../platform/limits.ts'
import { deleteLeftovers } from '../stores/accounts/leftovers.ts'
import { emptyOldAddresses } from '../stores/audit-entries.ts'
import { emptyExpiredAddresses, listExpiredAddresses } from '../stores/invitations.ts'
import { readingStale } from '../stores/stale-reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import type { PassStatus } from './reconciler.ts'

export async function forgetPersonalData(
  { db }: Pick<Services, 'db'>,
  region: string,
): Promise<PassStatus> {
  // The copy goes on showing what is gone, so that a second look at once would find nothing new.
  const limit = limits.forgetRowsMax
  const invitations = await forgetInvitations(db, { region, limit })
  const keptMs = limits.auditAddressKeptMs
  const entries = await emptyOldAddresses(db, { region, keptMs, limit })
  const leftovers = await deleteLeftovers(db, region, limit)
  return {
    handled: invitations + entries + leftovers,
    more: invitations === limit || entries === limit || leftovers >= limit,
  }
}

async function forgetInvitations(
  db: Services['db'],
  due: { readonly region: string; readonly limit: number },
): Promise<number> {
  const asked = { name: 'invitations.expired', staleOk: 'scan' } as const
  const ids = await readingStale(db, asked, (reader) => listExpiredAddresses(reader, due))
  if (ids.length === 0) return 0
  const { region } = due
  return inTransaction(db, 'invitations.forget', (tx) => emptyExpiredAddresses(tx, { region, ids }))
}
