/**
 * Which machine shows a key, from a small cache: at most limits.apiKeyCacheMs old, so that a key
 * that was revoked is dead within seconds everywhere. The secret is compared at every call. When a
 * key was last used is written beside the calls, and never keeps one waiting.
 */
import { LRUCache } from 'lru-cache'
import type { Machine } from '../domain/access.ts'
import { readApiKey, sameHash } from '../domain/api-key-text.ts'
import { limits } from '../platform/limits.ts'
import { type ApiKey, findApiKeyByPrefix, putApiKeyUse } from '../stores/api-keys.ts'
import type { Database } from '../stores/database.ts'
import { reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'

type Loading = { readonly key: Promise<ApiKey | null>; readonly freshUntilMs: number }
type Ports = {
  /** In which this server runs. */
  readonly region: string
  readonly log: { readonly warn: (facts: Record<string, unknown>, message: string) => void }
}

export class ApiKeys {
  readonly #db: Database
  readonly #ports: Ports
  readonly #known = new LRUCache<string, Loading>({ max: limits.apiKeyCacheEntriesMax })
  /** By id: when this server wrote the last use, by the monotonic clock. */
  readonly #written = new LRUCache<string, number>({ max: limits.apiKeyCacheEntriesMax })

  constructor(db: Database, ports: Ports) {
    this.#db = db
    this.#ports = ports
  }

  /** @returns null for every text that is not a working key's, whatever the reason */
  async verify(text: string): Promise<Machine | null> {
    const shown = readApiKey(text)
    if (shown === null) return null
    const key = await this.#find(shown.prefix)
    if (key === null || !key.works || !sameHash(key.secretHash, shown.secretHash)) return null
    this.#noteUse(key)
    const { id, organisation, scopes } = key
    return { kind: 'machine', id, organisation, scopes: new Set(scopes) }
  }

  /** Reads it again at the next call; other servers do so within limits.apiKeyCacheMs. */
  forget(prefix: string): void {
    this.#known.delete(prefix)
  }

  #find(prefix: string): Promise<ApiKey | null> {
    const nowMs = this.#db.clock.monotonicMs()
    const known = this.#known.get(prefix)
    if (known !== undefined && nowMs < known.freshUntilMs) return known.key
    const key = reading(this.#db, 'api-keys.by-prefix', (reader) =>
      findApiKeyByPrefix(reader, prefix),
    )
    const loading = { key, freshUntilMs: nowMs + limits.apiKeyCacheMs }
    this.#known.set(prefix, loading)
    // What failed is asked again by the next caller.
    key.catch(() => {
      if (this.#known.peek(prefix) === loading) this.#known.delete(prefix)
    })
    return key
  }

  #noteUse({ id }: ApiKey): void {
    const nowMs = this.#db.clock.monotonicMs()
    const writtenMs = this.#written.get(id)
    if (writtenMs !== undefined && nowMs - writtenMs < limits.apiKeyUseWrittenMs) return
    this.#written.set(id, nowMs)
    const { region, log } = this.#ports
    inTransaction(this.#db, 'api-keys.use', (tx) => putApiKeyUse(tx, { region, id })).catch(
      (err: unknown) => log.warn({ err, apiKey: id }, 'the last use of a key was not written'),
    )
  }
}
