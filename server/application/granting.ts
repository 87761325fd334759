/** Whether somebody may give a role now, read in the transaction that gives or offers it. */
import type { Role } from '../domain/access.ts'
import { mayGrant } from '../domain/membership.ts'
import { refuse } from '../domain/refusal.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { findMember } from '../stores/memberships.ts'
import { isPlatformAdminRow } from '../stores/platform-admins.ts'
import type { Tx } from '../stores/transaction.ts'

export type Grant = {
  readonly organisation: OrganisationId
  readonly granter: string
  readonly role: Role
}

export async function mayGrantNow(
  tx: Tx,
  { organisation, granter, role }: Grant,
): Promise<boolean> {
  const member = await findMember(tx, { organisation, person: granter })
  if (mayGrant(member?.role ?? null, role)) return true
  return (await isPlatformAdminRow(tx, granter)) && mayGrant('platform-admin', role)
}

/** @throws RefusedError NOT_ALLOWED */
export async function checkMayGrant(tx: Tx, grant: Grant): Promise<void> {
  if (await mayGrantNow(tx, grant)) return
  refuse('NOT_ALLOWED', 'Your role does not allow you to give this one.')
}
