/** Looks at an organisation, and renames one that nobody else has renamed since it was read. */
import { nameMaxCharacters } from '../domain/catalogue-limits.ts'
import { badInput, lineFaults } from '../domain/field-fault.ts'
import { refuse } from '../domain/refusal.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { findOrganisation, type Organisation, renameOrganisation } from '../stores/organisations.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import { editConflict, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type OrganisationKey = { readonly organisation: OrganisationId }

/** @throws RefusedError NOT_FOUND */
export function getOrganisation(
  { db }: Pick<Services, 'db'>,
  { organisation }: OrganisationKey,
): Promise<Organisation> {
  return reading(db, 'organisations.get', (reader) => organisationIn(reader, organisation))
}

export type UpdateOrganisationInput = OrganisationKey & {
  /** The version that the caller read. */
  readonly version: number
  readonly name: string
}

/** @throws RefusedError BAD_INPUT | NOT_FOUND | EDIT_CONFLICT */
export function updateOrganisation(
  { db }: Pick<Services, 'db'>,
  input: UpdateOrganisationInput,
): Promise<Organisation> {
  const { organisation: id, version, name } = input
  throwIfRefused(badInput(lineFaults('name', name, nameMaxCharacters)))
  return inTransaction(db, 'organisations.update', async (tx) => {
    const current = await organisationIn(tx, id)
    if (current.version !== version) return editConflict(current.version)
    return (await renameOrganisation(tx, { id, version, name })) ?? editConflict(current.version)
  })
}

async function organisationIn(reader: Reader, id: OrganisationId): Promise<Organisation> {
  return (
    (await findOrganisation(reader, id)) ?? refuse('NOT_FOUND', 'There is no such organisation.')
  )
}
