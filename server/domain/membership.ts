/** Who may give which role to whom, and what an organisation never is without: an owner. */
import type { Role } from './access.ts'
import { roleCovers } from './access.ts'
import { type Refusal, refusal } from './refusal.ts'

/** What somebody is to an organisation when they give roles on it. */
export type Granter = Role | 'platform-admin' | null

/** Up to one's own level: managers give every role but owner. */
export function mayGrant(granter: Granter, role: Role): boolean {
  if (granter === 'platform-admin' || granter === 'owner') return true
  return granter === 'manager' && role !== 'owner'
}

/** An invitation never takes away what somebody has already. */
export function roleAfterAccepting(current: Role | null, offered: Role): Role {
  return current !== null && roleCovers(current, offered) ? current : offered
}

export type RoleChange = {
  readonly from: Role
  /** Null: the person leaves, or is removed. */
  readonly to: Role | null
  readonly hasOtherOwner: boolean
}

export function refuseRoleChange({ from, to, hasOtherOwner }: RoleChange): Refusal | null {
  if (from !== 'owner' || to === 'owner' || hasOtherOwner) return null
  return refusal('LAST_OWNER', 'An organisation keeps at least one owner. Make another one first.')
}
