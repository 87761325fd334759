/**
 * Takes the role that an invitation offers: whoever knows its code, once. Whoever offered it must
 * still be somebody who may, so that an owner who was removed leaves no door open.
 *
 * One transaction writes a row of the invitation's region and a global one: it waits for the global
 * one, which is rare and hurries nobody, and there is no state in between to recover from.
 */
import type { Person, Role } from '../domain/access.ts'
import { codeHash, type Invitation, isOpen, regionCodeIn } from '../domain/invitation.ts'
import { roleAfterAccepting } from '../domain/membership.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { endInvitation, findInvitationByCode } from '../stores/invitations.ts'
import { findMember, putMembership } from '../stores/memberships.ts'
import { findOrganisation, type Organisation } from '../stores/organisations.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import { mayGrantNow } from './granting.ts'
import { invitationEnded } from './own-invitations.ts'
import type { Services } from './services.ts'

export type AcceptedInvitation = { readonly organisation: Organisation; readonly role: Role }

type Code = { readonly code: string }

/** @throws RefusedError CODE_WRONG | INVITATION_ENDED */
export async function acceptInvitation(
  services: Pick<Services, 'db' | 'members' | 'regions'>,
  caller: Person,
  { code }: Code,
): Promise<AcceptedInvitation> {
  const region = regionIn(services, code) ?? wrongCode()
  const accepted = await inTransaction(services.db, 'invitations.accept', async (tx) => {
    const found = await findInvitationByCode(tx, { region, codeHash: codeHash(code) })
    const invitation = found ?? wrongCode()
    const { organisation, role: offered } = invitation
    const key = { organisation, person: caller.id }
    const current = (await findMember(tx, key))?.role ?? null
    const named = present(await findOrganisation(tx, organisation), 'the organisation that invites')
    if (invitation.acceptedBy === caller.id && current !== null) {
      return { organisation: named, role: current }
    }
    const granter = { organisation, granter: invitation.invitedBy, role: offered }
    if (!isOpen(invitation) || !(await mayGrantNow(tx, granter))) return invitationEnded()
    const end = { state: 'accepted', acceptedBy: caller.id } as const
    if ((await endInvitation(tx, invitation, end)) === null) return invitationEnded()
    const role = roleAfterAccepting(current, offered)
    if (role !== current) await putMembership(tx, { ...key, role })
    return { organisation: named, role }
  })
  services.members.forget(caller.id)
  return accepted
}

/** What a code offers, or null for a code of nothing. For the audit log: whose chain it is. */
export async function invitationOfCode(
  services: Pick<Services, 'db' | 'regions'>,
  { code }: Code,
): Promise<Invitation | null> {
  const region = regionIn(services, code)
  if (region === null) return null
  const at = { region, codeHash: codeHash(code) }
  return reading(services.db, 'invitations.of-code', (reader: Reader) =>
    findInvitationByCode(reader, at),
  )
}

function regionIn({ regions }: Pick<Services, 'regions'>, code: string): string | null {
  const regionCode = regionCodeIn(code)
  return regions.all.find((each) => each.code === regionCode)?.name ?? null
}

function wrongCode(): never {
  return refuse('CODE_WRONG', 'There is no invitation of this code.')
}
