/** Makes an organisation. The same caller and key make it once. */
import type { Person } from '../domain/access.ts'
import { nameMaxCharacters } from '../domain/catalogue-limits.ts'
import { badInput, lineFaults } from '../domain/field-fault.ts'
import { present } from '../platform/assert.ts'
import { derivedSuffix, type OrganisationId } from '../platform/ids.ts'
import { findOrganisation, insertOrganisation, type Organisation } from '../stores/organisations.ts'
import { inTransaction } from '../stores/transaction.ts'
import { checkKey, keyReused, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type CreateOrganisationInput = { readonly key: string; readonly name: string }

/** @throws RefusedError BAD_INPUT | KEY_REUSED */
export async function createOrganisation(
  services: Pick<Services, 'db'>,
  caller: Person,
  input: CreateOrganisationInput,
): Promise<Organisation> {
  checkKey(input.key)
  throwIfRefused(badInput(lineFaults('name', input.name, nameMaxCharacters)))
  const id = `org_${derivedSuffix(['organisation', caller.id, input.key])}` as OrganisationId
  const stored = await inTransaction(services.db, 'organisations.create', async (tx) => {
    await insertOrganisation(tx, { id, name: input.name })
    return present(await findOrganisation(tx, id), 'the organisation just made')
  })
  return stored.name === input.name ? stored : keyReused()
}
