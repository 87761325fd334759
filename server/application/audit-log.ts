/**
 * Adds entries to the hash chains of this server's region. Entries of one chain take turns within
 * this server; against other servers the place in the chain decides, and the loser looks again for
 * the end. No entry, no action: whoever acts writes its beginning first.
 */
import { LRUCache } from 'lru-cache'
import type { ChainEnd } from '../domain/audit-chain.ts'
import {
  type AuditEntry,
  type AuditFacts,
  addressDigest,
  auditHash,
  noHash,
} from '../domain/audit-entry.ts'
import { backoffMs } from '../platform/backoff.ts'
import { KeyedGate } from '../platform/keyed-gate.ts'
import { limits } from '../platform/limits.ts'
import { findChainEnd, insertAuditEntry, walkEntries } from '../stores/audit-entries.ts'
import type { Database } from '../stores/database.ts'
import { ContentionError, DuplicateKeyError, UnknownOutcomeError } from '../stores/outcome.ts'

const saltBytes = 16
const start: ChainEnd = { seq: 0, hash: noHash }

export type AuditLogPorts = {
  /** In which this server runs: its chains are its own. */
  readonly region: string
  /** Adds one to the entries that were written, or that could not be. */
  readonly count: (outcome: 'begun' | 'ended' | 'lost') => void
}

export class AuditLog {
  readonly #db: Database
  readonly #region: string
  readonly #count: AuditLogPorts['count']
  readonly #ends = new LRUCache<string, ChainEnd>({ max: limits.auditChainsKnownMax })
  readonly #turns = new KeyedGate({
    width: 1,
    waitingMax: limits.auditEntriesWaitingMax,
    full: () => new ContentionError('too many entries of one audit chain wait to be written'),
  })

  constructor(db: Database, { region, count }: AuditLogPorts) {
    this.#db = db
    this.#region = region
    this.#count = count
  }

  /**
   * @returns the entry's place in its chain
   * @throws ContentionError | DatabaseUnavailableError it was not written
   */
  async append(facts: AuditFacts): Promise<number> {
    try {
      const seq = await this.#turns.pass(facts.chain, () => this.#append(facts))
      this.#count(facts.phase)
      return seq
    } catch (cause) {
      this.#count('lost')
      throw cause
    }
  }

  async #append(facts: AuditFacts): Promise<number> {
    const at = { region: this.#region, chain: facts.chain }
    const { clock, random } = this.#db
    for (let attempt = 1; ; attempt += 1) {
      const end = this.#ends.get(at.chain) ?? (await findChainEnd(this.#db, at)) ?? start
      const entry = this.#entryAfter(end, facts)
      if (await this.#isPlaced(entry)) {
        this.#ends.set(at.chain, { seq: entry.seq, hash: entry.hash })
        return entry.seq
      }
      this.#ends.delete(at.chain)
      if (attempt >= limits.auditAttemptsMax) {
        throw new ContentionError(`the end of an audit chain was missed ${attempt} times`)
      }
      const { transactionBackoffBaseMs: baseMs, transactionBackoffMaxMs: maxMs } = limits
      await clock.wait(backoffMs(attempt, { baseMs, maxMs }, random))
    }
  }

  /** False: another entry has the place. */
  async #isPlaced(entry: AuditEntry): Promise<boolean> {
    try {
      await insertAuditEntry(this.#db, entry)
      return true
    } catch (cause) {
      if (cause instanceof DuplicateKeyError) return false
      if (!(cause instanceof UnknownOutcomeError)) throw cause
      // Should it arrive even later, it is there twice, in two places: the chain still holds.
      const { region, chain, seq } = entry
      const place = { region, chain, after: seq - 1, limit: 1 }
      const [there] = await walkEntries(this.#db, place, 'fresh')
      return there?.hash === entry.hash
    }
  }

  #entryAfter(end: ChainEnd, facts: AuditFacts): AuditEntry {
    const { clock, random } = this.#db
    const addressSalt = Buffer.from(random.bytes(saltBytes)).toString('hex')
    const entry = {
      ...facts,
      region: this.#region,
      seq: end.seq + 1,
      atMs: Math.trunc(clock.nowMs()),
      addressSalt,
      addressDigest: addressDigest(facts.address, addressSalt),
      previousHash: end.hash,
    }
    return { ...entry, hash: auditHash(entry) }
  }
}
