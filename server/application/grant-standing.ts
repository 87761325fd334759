/** Gives a person roles, or the running of the platform, without asking anybody: for development. */
import type { Role } from '../domain/access.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { putMembership } from '../stores/memberships.ts'
import { putPlatformAdmin } from '../stores/platform-admins.ts'
import { inTransaction } from '../stores/transaction.ts'
import type { Services } from './services.ts'

export type StandingToGrant = {
  readonly admin: boolean
  readonly roles: Readonly<Record<string, Role>>
}

/** Only adds: what the person may do already stays. */
export async function grantStanding(
  services: Pick<Services, 'db' | 'members'>,
  person: string,
  { admin, roles }: StandingToGrant,
): Promise<void> {
  const granted = Object.entries(roles)
  if (!admin && granted.length === 0) return
  await inTransaction(services.db, 'members.grant', async (tx) => {
    if (admin) await putPlatformAdmin(tx, person)
    for (const [organisation, role] of granted) {
      await putMembership(tx, { organisation: organisation as OrganisationId, person, role })
    }
  })
  services.members.forget(person)
}
