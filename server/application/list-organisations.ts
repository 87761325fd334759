/** A page of all organisations, for those who run the platform. */
import { listOrganisations as listRows, type Organisation } from '../stores/organisations.ts'
import { reading } from '../stores/reading.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

export async function listOrganisations(
  services: Pick<Services, 'db'>,
  input: PageInput,
): Promise<Page<Organisation>> {
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { after, limit: rowsToRead(input) }
  const rows = await reading(services.db, 'organisations.list', (reader) => listRows(reader, page))
  return pageOf(rows, input, (organisation) => [organisation.id])
}
