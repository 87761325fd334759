/**
 * Who runs the platform: only changed at a server's own machine. Each change leaves its two entries
 * in the platform's chain, like a call of an admin.
 */
import { type AuditFacts, platformChain } from '../domain/audit-entry.ts'
import type { Database } from '../stores/database.ts'
import { deletePlatformAdmin, putPlatformAdmin } from '../stores/platform-admins.ts'
import { inTransaction } from '../stores/transaction.ts'
import type { AuditLog } from './audit-log.ts'

type Needs = { readonly db: Database; readonly audit: AuditLog }

export type Operator = {
  /** Who sits at the machine, as the system knows them. */
  readonly name: string
  /** The machine. */
  readonly address: string
  readonly requestId: string
}

export type PlatformAdminChange = {
  readonly verb: 'add' | 'remove'
  readonly person: string
}

/** @returns false when there was nothing to remove */
export async function changePlatformAdmins(
  { db, audit }: Needs,
  operator: Operator,
  { verb, person }: PlatformAdminChange,
): Promise<boolean> {
  const about: Omit<AuditFacts, 'phase' | 'begunSeq' | 'outcome'> = {
    chain: platformChain,
    action: `platform-admins ${verb}`,
    actor: { kind: 'operator', id: operator.name },
    address: operator.address,
    requestId: operator.requestId,
    subjects: [person],
    reason: null,
    input: { person },
    before: null,
    after: null,
  }
  const begunSeq = await audit.append({ ...about, phase: 'begun', begunSeq: null, outcome: null })
  const changed = await inTransaction(db, `platform-admins.${verb}`, async (tx) => {
    if (verb === 'remove') return deletePlatformAdmin(tx, person)
    await putPlatformAdmin(tx, person)
    return true
  })
  const outcome = changed ? 'done' : 'NOT_FOUND'
  await audit.append({ ...about, phase: 'ended', begunSeq, input: null, outcome })
  return changed
}
