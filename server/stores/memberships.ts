/** Who has which role on which organisation, and who runs the platform. Few rows, read often. */
import type { Role } from '../domain/access.ts'
import type { OrganisationId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

/** More organisations than this nobody works for; the rest would go unseen. */
const organisationsPerPersonMax = 1_000

export type Standing = {
  readonly roles: ReadonlyMap<OrganisationId, Role>
  readonly platformAdmin: boolean
}

/** Everything that a person may do beyond what every fan may. */
export async function findStanding(reader: Reader, person: string): Promise<Standing> {
  const rows = await reader
    .selectFrom('memberships')
    .select(['organisation_id', 'role'])
    .where('person', '=', person)
    .limit(organisationsPerPersonMax)
    .execute()
  const admin = await reader
    .selectFrom('platform_admins')
    .select('person')
    .where('person', '=', person)
    .executeTakeFirst()
  const roles = rows.map(
    (row) => [row.organisation_id as OrganisationId, row.role as Role] as const,
  )
  return { roles: new Map(roles), platformAdmin: admin !== undefined }
}

export type Membership = {
  readonly organisation: OrganisationId
  readonly person: string
  readonly role: Role
}

/** Makes the membership, or gives it this role. */
export async function putMembership(tx: Tx, membership: Membership): Promise<void> {
  const { organisation, person, role } = membership
  await tx
    .insertInto('memberships')
    .values({ organisation_id: organisation, person, role, version: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'person'])
        .doUpdateSet((row) => ({ role, version: row('memberships.version', '+', 1) })),
    )
    .execute()
}

/** Does nothing when the person is one already. */
export async function putPlatformAdmin(tx: Tx, person: string): Promise<void> {
  await tx
    .insertInto('platform_admins')
    .values({ person })
    .onConflict((conflict) => conflict.column('person').doNothing())
    .execute()
}
