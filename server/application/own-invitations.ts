/** Whose invitations are: what belongs to another organisation looks as if it did not exist. */
import type { Invitation } from '../domain/invitation.ts'
import { refuse } from '../domain/refusal.ts'
import type { InvitationId, OrganisationId } from '../platform/ids.ts'
import { findInvitation, listInvitationRows } from '../stores/invitations.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

export type InvitationKey = {
  readonly organisation: OrganisationId
  readonly invitation: InvitationId
}

type Needs = Pick<Services, 'db' | 'regions'>

/** @throws RefusedError NOT_FOUND */
export function getInvitation(services: Needs, key: InvitationKey): Promise<Invitation> {
  const region = homeOfInvitation(services, key)
  return reading(services.db, 'invitations.get', (reader) => invitationIn(reader, key, region))
}

/** @throws RefusedError NOT_FOUND */
export function homeOfInvitation({ regions }: Pick<Needs, 'regions'>, key: InvitationKey): string {
  return regions.homeOf('inv', key.invitation) ?? noInvitation()
}

/** @throws RefusedError NOT_FOUND */
export async function invitationIn(
  reader: Reader,
  { organisation, invitation: id }: InvitationKey,
  region: string,
): Promise<Invitation> {
  const found = await findInvitation(reader, { region, id })
  return found?.organisation === organisation ? found : noInvitation()
}

/** An organisation's invitations of all regions, in the order of their ids. */
export async function listInvitations(
  { db, regions }: Needs,
  input: PageInput & { readonly organisation: OrganisationId },
): Promise<Page<Invitation>> {
  const { organisation } = input
  const [after = ''] = readPageCursor(input, 1) ?? []
  const limit = rowsToRead(input)
  const perRegion = await Promise.all(
    regions.all.map(({ name: region }) =>
      reading(db, 'invitations.list', (reader) =>
        listInvitationRows(reader, { region, organisation, after, limit }),
      ),
    ),
  )
  // Ids are ASCII: compared by code units they stand as the database sorts them within a region.
  const rows = perRegion.flat().sort((one, other) => (one.id < other.id ? -1 : 1))
  return pageOf(rows, input, ({ id }) => [id])
}

export function invitationEnded(): never {
  return refuse('INVITATION_ENDED', 'The invitation was used, was withdrawn or has expired.')
}

function noInvitation(): never {
  return refuse('NOT_FOUND', 'There is no such invitation.')
}
