/**
 * Makes a key for a partner's program. Its text is answered once and kept nowhere: a repeated call
 * answers the same key without it. A second showing would need a secret from which all keys could
 * be made again, and whoever replays a logged call would read the key; a lost answer costs one
 * revoked key and a new one.
 */
import { type Person, type Scope, scopes } from '../domain/access.ts'
import { newApiKey, prefixBytes, secretBytes } from '../domain/api-key-text.ts'
import { nameMaxCharacters } from '../domain/catalogue-limits.ts'
import { badInput, faultUnless, lineFaults } from '../domain/field-fault.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { type ApiKeyId, derivedSuffix, type OrganisationId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { type ApiKey, countWorkingApiKeys, findApiKey, insertApiKey } from '../stores/api-keys.ts'
import { findOrganisation } from '../stores/organisations.ts'
import { inTransaction, type Tx } from '../stores/transaction.ts'
import { checkKey, keyReused, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type CreateApiKeyInput = {
  readonly organisation: OrganisationId
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt: Date
  readonly key: string
}

/** `text` is null when the key was made by an earlier call. */
export type CreatedApiKey = { readonly apiKey: ApiKey; readonly text: string | null }

/** @throws RefusedError BAD_INPUT | NOT_FOUND (the organisation) | WRONG_STATE | KEY_REUSED */
export async function createApiKey(
  services: Pick<Services, 'clock' | 'db' | 'random'>,
  caller: Person,
  input: CreateApiKeyInput,
): Promise<CreatedApiKey> {
  checkKey(input.key)
  const { db, random } = services
  const { organisation, name, expiresAt } = input
  const id = `key_${derivedSuffix(['api key', organisation, input.key])}` as ApiKeyId
  const fresh = newApiKey({
    prefix: random.bytes(prefixBytes),
    secret: random.bytes(secretBytes),
  })
  const stored = await inTransaction(db, 'api-keys.create', async (tx) => {
    const before = await findApiKey(tx, id)
    if (before !== null) return before
    checkFields(services, input)
    await checkRoom(tx, organisation)
    const { prefix, secretHash } = fresh
    const wish = { organisation, name, scopes: distinct(input.scopes), expiresAt }
    await insertApiKey(tx, { id, ...wish, prefix, secretHash, createdBy: caller.id })
    return present(await findApiKey(tx, id), 'the key just made')
  })
  if (!isSame(stored, input)) return keyReused()
  return { apiKey: stored, text: stored.secretHash === fresh.secretHash ? fresh.text : null }
}

/** Against this server's clock: a term of a year does not depend on seconds. */
function checkFields({ clock }: Pick<Services, 'clock'>, input: CreateApiKeyInput): void {
  const lifeMs = input.expiresAt.getTime() - clock.nowMs()
  const days = Math.floor(limits.apiKeyLifeMaxMs / (24 * 60 * 60_000))
  const inTime = lifeMs > 0 && lifeMs <= limits.apiKeyLifeMaxMs
  throwIfRefused(
    badInput([
      ...lineFaults('name', input.name, nameMaxCharacters),
      ...faultUnless(input.scopes.length > 0, 'scopes', 'must name at least one'),
      ...faultUnless(inTime, 'expiresAt', `must be in the next ${days} days`),
    ]),
  )
}

async function checkRoom(tx: Tx, organisation: OrganisationId): Promise<void> {
  if ((await findOrganisation(tx, organisation)) === null) {
    refuse('NOT_FOUND', 'There is no such organisation.')
  }
  const limit = limits.apiKeysPerOrganisationMax
  if ((await countWorkingApiKeys(tx, { organisation, limit })) < limit) return
  refuse('WRONG_STATE', `At most ${limit} keys can work at once. Revoke some first.`)
}

function isSame(stored: ApiKey, input: CreateApiKeyInput): boolean {
  return (
    stored.name === input.name &&
    stored.expiresAt.getTime() === input.expiresAt.getTime() &&
    stored.scopes.join() === distinct(input.scopes).join()
  )
}

/** Each once, in the order of the list: two wishes for the same are the same. */
function distinct(wished: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => wished.includes(scope))
}
