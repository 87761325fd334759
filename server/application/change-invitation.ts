/** Sends an invitation again, with another code in place of the one before; or takes it back. */
import type { Person } from '../domain/access.ts'
import { codeBytes, codeFrom, codeHash, type Invitation, isOpen } from '../domain/invitation.ts'
import { present } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import { endInvitation, renewInvitation } from '../stores/invitations.ts'
import { findOrganisation } from '../stores/organisations.ts'
import { inTransaction } from '../stores/transaction.ts'
import { editConflict } from './catalogue-ownership.ts'
import { checkMayGrant } from './granting.ts'
import { checkMailConfigured, sendInvitation } from './invitation-letter.ts'
import {
  homeOfInvitation,
  type InvitationKey,
  invitationEnded,
  invitationIn,
} from './own-invitations.ts'
import type { Services } from './services.ts'

export type ResendInput = InvitationKey & {
  /** The version that the caller read: a repeated call sends no second letter. */
  readonly version: number
}

/** @throws RefusedError NOT_FOUND | NOT_ALLOWED | EDIT_CONFLICT | INVITATION_ENDED | WRONG_STATE */
export async function resendInvitation(
  services: Pick<Services, 'db' | 'mail' | 'random' | 'regions'>,
  caller: Person,
  input: ResendInput,
): Promise<Invitation> {
  const { db, random, regions } = services
  const region = homeOfInvitation(services, input)
  const code = codeFrom(regions.codeOf(region), random.bytes(codeBytes))
  checkMailConfigured(services)
  const made = await inTransaction(db, 'invitations.resend', async (tx) => {
    const current = await invitationIn(tx, input, region)
    await checkMayGrant(tx, { ...current, granter: caller.id })
    if (!isOpen(current)) return invitationEnded()
    if (current.version !== input.version) return editConflict(current.version)
    const found = await findOrganisation(tx, current.organisation)
    const organisation = present(found, 'the organisation of an invitation')
    const next = { codeHash: codeHash(code), lifeMs: limits.invitationMs }
    const invitation = await renewInvitation(tx, current, next)
    return { organisation, invitation: invitation ?? editConflict(current.version) }
  })
  sendInvitation(services, made, code)
  return made.invitation
}

/**
 * Withdrawing twice is as good as once.
 * @throws RefusedError NOT_FOUND | NOT_ALLOWED | INVITATION_ENDED
 */
export function withdrawInvitation(
  services: Pick<Services, 'db' | 'regions'>,
  caller: Person,
  input: InvitationKey,
): Promise<Invitation> {
  const region = homeOfInvitation(services, input)
  return inTransaction(services.db, 'invitations.withdraw', async (tx) => {
    const current = await invitationIn(tx, input, region)
    await checkMayGrant(tx, { ...current, granter: caller.id })
    if (current.state === 'withdrawn') return current
    if (current.state === 'accepted') return invitationEnded()
    const ended = await endInvitation(tx, current, { state: 'withdrawn' })
    return ended ?? editConflict(current.version)
  })
}
