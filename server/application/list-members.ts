/** The people of an organisation, and the organisations of a person. */
import type { Person, Role } from '../domain/access.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { listMemberRows, listOwnOrganisationRows, type Member } from '../stores/memberships.ts'
import { reading } from '../stores/reading.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db'>

export async function listMembers(
  { db }: Needs,
  input: PageInput & { readonly organisation: OrganisationId },
): Promise<Page<Member>> {
  const { organisation } = input
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { organisation, after, limit: rowsToRead(input) }
  const rows = await reading(db, 'members.list', (reader) => listMemberRows(reader, page))
  return pageOf(rows, input, ({ person }) => [person])
}

export type OwnOrganisation = {
  readonly id: OrganisationId
  readonly name: string
  readonly role: Role
}

/** What the caller has a role on, in the order of ids. */
export async function ownOrganisations(
  { db }: Needs,
  caller: Person,
  input: PageInput,
): Promise<Page<OwnOrganisation>> {
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { person: caller.id, after, limit: rowsToRead(input) }
  const rows = await reading(db, 'members.own', (reader) => listOwnOrganisationRows(reader, page))
  return pageOf(rows, input, ({ id }) => [id])
}
