/** Organisations: who owns venues and events. */
import type { OrganisationId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

export type Organisation = {
  readonly id: OrganisationId
  readonly name: string
  readonly version: number
}

export async function findOrganisation(
  reader: Reader,
  id: OrganisationId,
): Promise<Organisation | null> {
  const row = await reader
    .selectFrom('organisations')
    .select(['id', 'name', 'version'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? fromRow(row) : null
}

/** Does nothing when the id is there already. */
export async function insertOrganisation(
  tx: Tx,
  organisation: Omit<Organisation, 'version'>,
): Promise<void> {
  const { id, name } = organisation
  await tx
    .insertInto('organisations')
    .values({ id, name })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** The organisation as it is now, or null when `version` was not the stored one. */
export async function renameOrganisation(
  tx: Tx,
  { id, name, version }: Organisation,
): Promise<Organisation | null> {
  const row = await tx
    .updateTable('organisations')
    .set({ name, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .returning(['id', 'name', 'version'])
    .executeTakeFirst()
  return row ? fromRow(row) : null
}

/** A page in the order of ids; `after` is the last id of the page before. */
export async function listOrganisations(
  reader: Reader,
  page: { readonly after: string; readonly limit: number },
): Promise<Organisation[]> {
  const rows = await reader
    .selectFrom('organisations')
    .select(['id', 'name', 'version'])
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: { id: string; name: string; version: number }): Organisation {
  return { id: row.id as OrganisationId, name: row.name, version: row.version }
}
