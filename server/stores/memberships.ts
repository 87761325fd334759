/** Who has which role on which organisation, and who runs the platform. Few rows, read often. */
import { sql } from 'kysely'
import type { Role } from '../domain/access.ts'
import { assert } from '../platform/assert.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { isPlatformAdminRow } from './platform-admins.ts'
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
  const platformAdmin = await isPlatformAdminRow(reader, person)
  const roles = rows.map(
    (row) => [row.organisation_id as OrganisationId, row.role as Role] as const,
  )
  return { roles: new Map(roles), platformAdmin }
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
        .doUpdateSet({ role, version: sql<number>`memberships.version + 1` }),
    )
    .execute()
}

export type Member = Membership & { readonly version: number; readonly since: Date }

const memberColumns = ['organisation_id', 'person', 'role', 'version', 'created_at'] as const

export async function findMember(
  reader: Reader,
  key: { readonly organisation: OrganisationId; readonly person: string },
): Promise<Member | null> {
  const row = await reader
    .selectFrom('memberships')
    .select(memberColumns)
    .where('organisation_id', '=', key.organisation)
    .where('person', '=', key.person)
    .executeTakeFirst()
  return row ? memberFromRow(row) : null
}

export type MemberPage = {
  readonly organisation: OrganisationId
  /** The last person of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of an organisation's people in the order of their ids. */
export async function listMemberRows(reader: Reader, page: MemberPage): Promise<Member[]> {
  const rows = await reader
    .selectFrom('memberships')
    .select(memberColumns)
    .where('organisation_id', '=', page.organisation)
    .where('person', '>', page.after)
    .orderBy('person')
    .limit(page.limit)
    .execute()
  return rows.map(memberFromRow)
}

/** True when the organisation has an owner beside this person. */
export async function hasOtherOwner(
  tx: Tx,
  key: { readonly organisation: OrganisationId; readonly person: string },
): Promise<boolean> {
  const row = await tx
    .selectFrom('memberships')
    .select('person')
    .where('organisation_id', '=', key.organisation)
    .where('role', '=', 'owner')
    .where('person', '<>', key.person)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The member as it is now, or null when `version` was not the stored one. */
export async function updateMemberRole(
  tx: Tx,
  member: Membership & { readonly version: number },
): Promise<Member | null> {
  const row = await tx
    .updateTable('memberships')
    .set({ role: member.role, version: member.version + 1 })
    .where('organisation_id', '=', member.organisation)
    .where('person', '=', member.person)
    .where('version', '=', member.version)
    .returning(memberColumns)
    .executeTakeFirst()
  return row ? memberFromRow(row) : null
}

/** False when there is no such member of this version. */
export async function deleteMember(
  tx: Tx,
  member: Omit<Membership, 'role'> & { readonly version: number },
): Promise<boolean> {
  const row = await tx
    .deleteFrom('memberships')
    .where('organisation_id', '=', member.organisation)
    .where('person', '=', member.person)
    .where('version', '=', member.version)
    .returning('person')
    .executeTakeFirst()
  return row !== undefined
}

function memberFromRow(row: {
  readonly organisation_id: string
  readonly person: string
  readonly role: string
  readonly version: number
  readonly created_at: Date
}): Member {
  assert(row.version > 0, 'versions begin at one')
  return {
    organisation: row.organisation_id as OrganisationId,
    person: row.person,
    role: row.role as Role,
    version: row.version,
    since: row.created_at,
  }
}

export type OwnOrganisationPage = {
  readonly person: string
  /** The last organisation of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of what one person has a role on, in the order of ids, with names. */
export async function listOwnOrganisationRows(reader: Reader, page: OwnOrganisationPage) {
  const rows = await reader
    .selectFrom('memberships')
    .innerJoin('organisations', 'organisations.id', 'memberships.organisation_id')
    .select(['memberships.organisation_id', 'organisations.name', 'memberships.role'])
    .where('memberships.person', '=', page.person)
    .where('memberships.organisation_id', '>', page.after)
    .orderBy('memberships.organisation_id')
    .limit(page.limit)
    .execute()
  return rows.map(({ organisation_id, name, role }) => ({
    id: organisation_id as OrganisationId,
    name,
    role: role as Role,
  }))
}
