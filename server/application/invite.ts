/**
 * Invites somebody to a role by mail. The code is in the letter alone: a repeated call makes
 * nothing new and sends nothing; `resendInvitation` sends another one.
 */
import type { Person, Role } from '../domain/access.ts'
import { badInput, faultUnless } from '../domain/field-fault.ts'
import { codeBytes, codeFrom, codeHash, type Invitation } from '../domain/invitation.ts'
import { isMailAddress } from '../domain/mail-address.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { derivedSuffix, type InvitationId, type OrganisationId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { countOpenInvitations, findInvitation, insertInvitation } from '../stores/invitations.ts'
import { findOrganisation } from '../stores/organisations.ts'
import { reading } from '../stores/reading.ts'
import { inTransaction, type Tx } from '../stores/transaction.ts'
import { checkKey, keyReused, throwIfRefused } from './catalogue-ownership.ts'
import { checkMayGrant } from './granting.ts'
import { checkMailConfigured, sendInvitation } from './invitation-letter.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db' | 'mail' | 'random' | 'region' | 'regions'>

export type InviteInput = {
  readonly organisation: OrganisationId
  readonly email: string
  readonly role: Role
  /** The language of the letter. */
  readonly locale: string
  readonly key: string
}

/** @throws RefusedError BAD_INPUT | NOT_FOUND | NOT_ALLOWED | WRONG_STATE | KEY_REUSED */
export async function invite(
  services: Needs,
  caller: Person,
  input: InviteInput,
): Promise<Invitation> {
  checkKey(input.key)
  checkAddress(input.email)
  const suffix = derivedSuffix(['invitation', input.organisation, input.key])
  const before = await findInAnyRegion(services, suffix)
  if (before !== null) return sameInvitation(before, input)
  checkMailConfigured(services)
  const { db, random, region, regions } = services
  const regionCode = regions.codeOf(region)
  const at = { region, id: `inv_${regionCode}_${suffix}` as InvitationId }
  const code = codeFrom(regionCode, random.bytes(codeBytes))
  const { key: _, ...wish } = input
  const offer = { ...at, ...wish, codeHash: codeHash(code), invitedBy: caller.id }
  const made = await inTransaction(db, 'invitations.create', async (tx) => {
    const organisation = await findOrganisation(tx, input.organisation)
    if (organisation === null) return refuse('NOT_FOUND', 'There is no such organisation.')
    await checkMayGrant(tx, { ...input, granter: caller.id })
    await checkRoom(tx, { region, organisation: organisation.id })
    await insertInvitation(tx, { ...offer, lifeMs: limits.invitationMs })
    const invitation = present(await findInvitation(tx, at), 'the invitation just made')
    return { invitation, organisation }
  })
  if (made.invitation.codeHash !== offer.codeHash) return sameInvitation(made.invitation, input)
  sendInvitation(services, made, code)
  return made.invitation
}

/** @throws RefusedError BAD_INPUT */
export function checkAddress(email: string): void {
  const fits = isMailAddress(email)
  throwIfRefused(badInput(faultUnless(fits, 'email', 'must be one e-mail address')))
}

/** A repeated call may come through another region than the first. */
async function findInAnyRegion(
  { db, regions }: Pick<Needs, 'db' | 'regions'>,
  suffix: string,
): Promise<Invitation | null> {
  const found = await Promise.all(
    regions.all.map(({ name: region, code }) => {
      const id = `inv_${code}_${suffix}` as InvitationId
      return reading(db, 'invitations.find', (reader) => findInvitation(reader, { region, id }))
    }),
  )
  return found.find((each) => each !== null) ?? null
}

/** Once its address was emptied there is nothing left to compare it with. */
function sameInvitation(stored: Invitation, input: InviteInput): Invitation {
  const same = stored.role === input.role && (stored.email === null || stored.email === input.email)
  return same ? stored : keyReused()
}

async function checkRoom(
  tx: Tx,
  of: { readonly region: string; readonly organisation: OrganisationId },
): Promise<void> {
  const limit = limits.invitationsOpenMax
  if ((await countOpenInvitations(tx, { ...of, limit })) < limit) return
  refuse('WRONG_STATE', `At most ${limit} invitations can be open. Withdraw some first.`)
}
