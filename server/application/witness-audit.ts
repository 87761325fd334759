/**
 * Looks at the audit chains of the other regions, checks what was added to each since this region
 * last looked, and keeps the new head, signed, among this region's own rows. What was cut off or
 * written anew behind a head that was witnessed is told in the log, and the head stays as it was.
 *
 * It looks at the rows and asks no server: whoever changed them may run the servers beside them.
 */
import { LRUCache } from 'lru-cache'
import { type AuditHead, ChainCheck, type ChainFault } from '../domain/audit-chain.ts'
import type { HeadSigner, SignedHead } from '../domain/audit-witness.ts'
import { limits } from '../platform/limits.ts'
import { type ChainPlace, walkEntries } from '../stores/audit-entries.ts'
import { findNextToWitness, findWitnessed, putWitnessed } from '../stores/audit-witnesses.ts'
import type { Database } from '../stores/database.ts'
import type { Log } from './services.ts'

const entriesAtOnce = 500
/** Of one chain in one pass: a long chain that nobody knows yet takes several. */
const entriesPerPass = 10_000
/** One after the other, on one connection; the next pass goes on at once. */
const chainsPerPass = 200

export type WitnessPorts = {
  /** That witnesses. */
  readonly region: string
  /** Names of the regions whose chains are looked at. */
  readonly others: readonly string[]
  readonly signer: HeadSigner
  readonly log: Log
  readonly count: (outcome: 'moved' | 'broken') => void
}

type Looked =
  | { readonly fault: ChainFault }
  | { readonly fault: null; readonly head: AuditHead | null }

export class AuditWitness {
  readonly #db: Database
  readonly #ports: WitnessPorts
  /** Beside the rows: who takes a row away does not make a server forget. */
  readonly #seen = new LRUCache<string, AuditHead>({ max: limits.auditChainsKnownMax })
  readonly #told = new LRUCache<string, string>({ max: limits.auditChainsKnownMax })
  #at = { other: 0, chain: '' }

  constructor(db: Database, ports: WitnessPorts) {
    this.#db = db
    this.#ports = ports
  }

  /** Goes on where the pass before ended. @returns chains looked at; more: not all of them yet */
  async pass(): Promise<{ readonly handled: number; readonly more: boolean }> {
    for (let handled = 0; handled < chainsPerPass; ) {
      const region = this.#ports.others[this.#at.other]
      if (region === undefined) {
        this.#at = { other: 0, chain: '' }
        return { handled, more: false }
      }
      const place = { witness: this.#ports.region, region, chain: this.#at.chain }
      const chain = await findNextToWitness(this.#db, place)
      if (chain === null) {
        this.#at = { other: this.#at.other + 1, chain: '' }
        continue
      }
      // Before the look: a chain that cannot be read does not keep the others from their turn.
      this.#at = { ...this.#at, chain }
      await this.#witness({ region, chain })
      handled += 1
    }
    return { handled: chainsPerPass, more: true }
  }

  async #witness(place: ChainPlace): Promise<void> {
    const { region: witness, signer, count } = this.#ports
    const row = await findWitnessed(this.#db, { witness, ...place })
    const seen = this.#seen.get(nameOf(place)) ?? null
    const known = row !== null && row.seq >= (seen?.seq ?? 0) ? row : seen
    const looked = await this.#look(place, known)
    if (looked.fault !== null) return this.#tell(place, looked.fault)
    const { head } = looked
    if (head === null) return
    this.#seen.set(nameOf(place), head)
    if (row !== null && isSame(row, head) && signer.isOwn(row.signature)) return
    const { seq, hash } = head
    const next = { witness, ...place, seq, hash }
    if (await putWitnessed(this.#db, { ...next, signature: signer.sign(next) })) count('moved')
  }

  /** What looks broken in the copy that may be old is looked at again: it may only be late. */
  async #look(place: ChainPlace, known: AuditHead | null): Promise<Looked> {
    const looked = await this.#walk(place, known, 'scan')
    return looked.fault === null ? looked : this.#walk(place, known, 'fresh')
  }

  async #walk(place: ChainPlace, known: AuditHead | null, as: 'scan' | 'fresh'): Promise<Looked> {
    // The known entry itself is looked at, too: `from` is its hash once it is found.
    const check = known === null ? new ChainCheck([]) : await this.#checkFrom(place, known, as)
    if (!(check instanceof ChainCheck)) return { fault: check }
    for (let walked = 0; walked < entriesPerPass; walked += entriesAtOnce) {
      const after = check.last.seq
      const entries = await walkEntries(this.#db, { ...place, after, limit: entriesAtOnce }, as)
      for (const entry of entries) {
        const fault = check.add(entry)
        if (fault !== null) return { fault }
      }
      if (entries.length < entriesAtOnce) break
    }
    const { seq, hash } = check.last
    return { fault: null, head: seq === 0 ? null : { ...place, seq, hash } }
  }

  async #checkFrom(
    place: ChainPlace,
    known: AuditHead,
    as: 'scan' | 'fresh',
  ): Promise<ChainCheck | ChainFault> {
    const at = { ...place, after: known.seq - 1, limit: 1 }
    const [there] = await walkEntries(this.#db, at, as)
    if (there?.seq === known.seq && there.hash === known.hash) {
      return new ChainCheck([], { seq: known.seq, hash: known.hash })
    }
    const kind = there === undefined ? 'truncated' : 'rewritten'
    return { kind, seq: known.seq, message: 'is not there as it was witnessed' }
  }

  /** Once for each fault: it stays until somebody has looked, and would be told every minute. */
  #tell(place: ChainPlace, { kind, seq, message }: ChainFault): void {
    const { log, count } = this.#ports
    count('broken')
    if (this.#told.get(nameOf(place)) === `${kind} ${seq}`) return
    this.#told.set(nameOf(place), `${kind} ${seq}`)
    const fault = { ...place, kind, seq, fault: message }
    log.error(fault, 'an audit chain of another region is not whole: npm run audit:verify')
  }
}

function isSame(row: SignedHead, { seq, hash }: AuditHead): boolean {
  return row.seq === seq && row.hash === hash
}

function nameOf({ region, chain }: ChainPlace): string {
  return `${region}/${chain}`
}
