/** An organisation's keys: which there are, when each was last used, and the end of one. */
import { refuse } from '../domain/refusal.ts'
import type { ApiKeyId, OrganisationId } from '../platform/ids.ts'
import {
  type ApiKey,
  findApiKey,
  listApiKeyRows,
  listApiKeyUses,
  revokeApiKeyRow,
} from '../stores/api-keys.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

export type OwnApiKey = { readonly organisation: OrganisationId; readonly apiKey: ApiKeyId }

export type ListedApiKey = {
  readonly apiKey: ApiKey
  /** To the minute, in whatever region; null: never. */
  readonly lastUsedAt: Date | null
}

/** @throws RefusedError NOT_FOUND */
export function getApiKey({ db }: Pick<Services, 'db'>, key: OwnApiKey): Promise<ApiKey> {
  return reading(db, 'api-keys.get', (reader) => apiKeyIn(reader, key))
}

export async function listApiKeys(
  { db, regions }: Pick<Services, 'db' | 'regions'>,
  input: PageInput & { readonly organisation: OrganisationId },
): Promise<Page<ListedApiKey>> {
  const { organisation } = input
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { organisation, after, limit: rowsToRead(input) }
  const rows = await reading(db, 'api-keys.list', (reader) => listApiKeyRows(reader, page))
  const ids = rows.map(({ id }) => id)
  const uses = await Promise.all(
    regions.all.map(({ name: region }) =>
      reading(db, 'api-keys.uses', (reader) => listApiKeyUses(reader, { region, ids })),
    ),
  )
  const listed = rows.map((apiKey) => ({
    apiKey,
    lastUsedAt: latest(uses.flatMap((region) => region.get(apiKey.id) ?? [])),
  }))
  return pageOf(listed, input, ({ apiKey }) => [apiKey.id])
}

/** Revoking twice is as good as once. @throws RefusedError NOT_FOUND */
export async function revokeApiKey(
  services: Pick<Services, 'apiKeys' | 'db'>,
  key: OwnApiKey,
): Promise<ApiKey> {
  const revoked = await inTransaction(services.db, 'api-keys.revoke', async (tx) => {
    const current = await apiKeyIn(tx, key)
    return current.revokedAt !== null
      ? current
      : ((await revokeApiKeyRow(tx, current.id)) ?? current)
  })
  services.apiKeys.forget(revoked.prefix)
  return revoked
}

async function apiKeyIn(reader: Reader, key: OwnApiKey): Promise<ApiKey> {
  const found = await findApiKey(reader, key.apiKey)
  if (found?.organisation === key.organisation) return found
  return refuse('NOT_FOUND', 'There is no such key.')
}

function latest(moments: readonly Date[]): Date | null {
  const times = moments.map((moment) => moment.getTime())
  return times.length === 0 ? null : new Date(Math.max(...times))
}
