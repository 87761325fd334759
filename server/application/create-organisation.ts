/**
 * Makes an organisation, and says who is its first owner: somebody who has an account, or whoever
 * gets the invitation. The same caller and key make it once.
 */
import type { Person } from '../domain/access.ts'
import { nameMaxCharacters } from '../domain/catalogue-limits.ts'
import { badInput, lineFaults } from '../domain/field-fault.ts'
import { present } from '../platform/assert.ts'
import { derivedSuffix, type OrganisationId } from '../platform/ids.ts'
import { putMembership } from '../stores/memberships.ts'
import { findOrganisation, insertOrganisation, type Organisation } from '../stores/organisations.ts'
import { inTransaction } from '../stores/transaction.ts'
import { checkKey, keyReused, throwIfRefused } from './catalogue-ownership.ts'
import { checkMailConfigured } from './invitation-letter.ts'
import { checkAddress, invite } from './invite.ts'
import type { Services } from './services.ts'

export type FirstOwner =
  | { readonly kind: 'person'; readonly person: string }
  | { readonly kind: 'invited'; readonly email: string; readonly locale: string }

export type CreateOrganisationInput = {
  readonly key: string
  readonly name: string
  /** Left out: nobody yet. Those who run the platform may invite one later, with a reason. */
  readonly owner?: FirstOwner | undefined
}

type Needs = Pick<Services, 'db' | 'mail' | 'members' | 'random' | 'region' | 'regions'>

/** @throws RefusedError BAD_INPUT | KEY_REUSED | WRONG_STATE (no mail is sent here) */
export async function createOrganisation(
  services: Needs,
  caller: Person,
  input: CreateOrganisationInput,
): Promise<Organisation> {
  checkKey(input.key)
  throwIfRefused(badInput(lineFaults('name', input.name, nameMaxCharacters)))
  const id = `org_${derivedSuffix(['organisation', caller.id, input.key])}` as OrganisationId
  const { owner } = input
  if (owner?.kind === 'invited') checkInvitable(services, owner.email)
  const stored = await inTransaction(services.db, 'organisations.create', async (tx) => {
    const before = await findOrganisation(tx, id)
    if (before !== null) return before
    await insertOrganisation(tx, { id, name: input.name })
    if (owner?.kind === 'person') {
      await putMembership(tx, { organisation: id, person: owner.person, role: 'owner' })
    }
    return present(await findOrganisation(tx, id), 'the organisation just made')
  })
  // Once it has been renamed there is nothing left to compare a late repetition with.
  if (stored.version === 1 && stored.name !== input.name) return keyReused()
  if (owner?.kind === 'person') services.members.forget(owner.person)
  if (owner?.kind === 'invited') {
    const { email, locale } = owner
    await invite(services, caller, {
      organisation: id,
      role: 'owner',
      key: input.key,
      email,
      locale,
    })
  }
  return stored
}

/** Before anything is made: whether the letter to the first owner can go out. */
function checkInvitable(services: Needs, email: string): void {
  checkAddress(email)
  checkMailConfigured(services)
}
