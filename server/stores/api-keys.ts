/** Machines' keys, read in every region; and when each was last used in a region. */
import { sql } from 'kysely'
import { type Scope, scopes } from '../domain/access.ts'
import { assert } from '../platform/assert.ts'
import type { ApiKeyId, OrganisationId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

export type ApiKey = {
  readonly id: ApiKeyId
  readonly organisation: OrganisationId
  readonly prefix: string
  readonly secretHash: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
  /** By the database's clock when it was read: neither revoked nor expired. */
  readonly works: boolean
  readonly version: number
}

const columns = [
  'id',
  'organisation_id',
  'prefix',
  'secret_hash',
  'name',
  'scopes',
  'created_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'version',
  sql<boolean>`revoked_at is null and expires_at > now()`.as('works'),
] as const

export async function findApiKey(reader: Reader, id: ApiKeyId): Promise<ApiKey | null> {
  const row = await reader
    .selectFrom('api_keys')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? apiKeyFromRow(row) : null
}

export async function findApiKeyByPrefix(reader: Reader, prefix: string): Promise<ApiKey | null> {
  const row = await reader
    .selectFrom('api_keys')
    .select(columns)
    .where('prefix', '=', prefix)
    .executeTakeFirst()
  return row ? apiKeyFromRow(row) : null
}

export type ApiKeyPage = {
  readonly organisation: OrganisationId
  /** The last id of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of an organisation's keys in the order of their ids. */
export async function listApiKeyRows(reader: Reader, page: ApiKeyPage): Promise<ApiKey[]> {
  const rows = await reader
    .selectFrom('api_keys')
    .select(columns)
    .where('organisation_id', '=', page.organisation)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(apiKeyFromRow)
}

/** How many keys of an organisation work, counted up to `limit`. */
export async function countWorkingApiKeys(
  tx: Tx,
  of: { readonly organisation: OrganisationId; readonly limit: number },
): Promise<number> {
  const rows = await tx
    .selectFrom('api_keys')
    .select('id')
    .where('organisation_id', '=', of.organisation)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .limit(of.limit)
    .execute()
  return rows.length
}

export type NewApiKey = Omit<ApiKey, 'createdAt' | 'revokedAt' | 'works' | 'version'>

/** Does nothing when the id is there already. */
export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<void> {
  assert(key.scopes.length > 0, 'a key without a scope opens nothing')
  await tx
    .insertInto('api_keys')
    .values({
      id: key.id,
      organisation_id: key.organisation,
      prefix: key.prefix,
      secret_hash: key.secretHash,
      name: key.name,
      scopes: [...key.scopes],
      created_by: key.createdBy,
      created_at: sql<Date>`now()`,
      expires_at: key.expiresAt,
      version: 1,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** The key as it is now; null when it was revoked before. */
export async function revokeApiKeyRow(tx: Tx, id: ApiKeyId): Promise<ApiKey | null> {
  const row = await tx
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()`, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(columns)
    .executeTakeFirst()
  return row ? apiKeyFromRow(row) : null
}

export type ApiKeyUse = { readonly region: string; readonly id: ApiKeyId }

/** Remembers that a key is used now. */
export async function putApiKeyUse(tx: Tx, { region, id }: ApiKeyUse): Promise<void> {
  await tx
    .insertInto('api_key_uses')
    .values({ region, key_id: id, last_used_at: sql<Date>`now()` })
    .onConflict((conflict) =>
      conflict.columns(['region', 'key_id']).doUpdateSet({ last_used_at: sql<Date>`now()` }),
    )
    .execute()
}

/** When each of these keys was last used in a region, of those that were. */
export async function listApiKeyUses(
  reader: Reader,
  of: { readonly region: string; readonly ids: readonly ApiKeyId[] },
): Promise<ReadonlyMap<string, Date>> {
  if (of.ids.length === 0) return new Map()
  const rows = await reader
    .selectFrom('api_key_uses')
    .select(['key_id', 'last_used_at'])
    .where('region', '=', of.region)
    .where('key_id', 'in', of.ids)
    .execute()
  return new Map(rows.map((row) => [row.key_id, row.last_used_at]))
}

type Row = {
  readonly id: string
  readonly organisation_id: string
  readonly prefix: string
  readonly secret_hash: string
  readonly name: string
  readonly scopes: string[]
  readonly created_by: string
  readonly created_at: Date
  readonly expires_at: Date
  readonly revoked_at: Date | null
  readonly version: number
  readonly works: boolean
}

function apiKeyFromRow(row: Row): ApiKey {
  assert(row.version > 0, 'versions begin at one')
  assert(row.secret_hash.length === 64, 'a hash of SHA-256')
  return {
    id: row.id as ApiKeyId,
    organisation: row.organisation_id as OrganisationId,
    prefix: row.prefix,
    secretHash: row.secret_hash,
    name: row.name,
    // A scope that this release does not know opens nothing.
    scopes: scopes.filter((scope) => row.scopes.includes(scope)),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    works: row.works,
    version: row.version,
  }
}
