/** Who calls, and what a role on an organisation allows. Rules are data: transport declares them. */
import type { OrganisationId } from '../platform/ids.ts'

export const roles = ['owner', 'manager', 'box_office', 'door', 'finance'] as const
export type Role = (typeof roles)[number]

export type Caller = {
  /** Subject of the verified token. */
  readonly id: string
  /** Roles on organisations, as the token says. */
  readonly roles: ReadonlyMap<OrganisationId, Role>
  /** Runs the platform: makes organisations, acts for any of them. */
  readonly platformAdmin: boolean
}

/** True when the caller may do on `organisation` what `needed` may do. */
export function hasRole(caller: Caller, organisation: OrganisationId, needed: Role): boolean {
  if (caller.platformAdmin) return true
  const role = caller.roles.get(organisation)
  if (role === undefined) return false
  return role === needed || role === 'owner' || (role === 'manager' && needed !== 'owner')
}
