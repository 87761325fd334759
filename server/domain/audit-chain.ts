/**
 * Whether a hash chain of the audit log is whole: its entries numbered without a gap, each hashed
 * over what it says and tied to the one before. Stands on its own: nothing here writes entries.
 * What was cut off at the end, or written anew as a whole, only a head that was kept elsewhere shows.
 */
import { type AuditEntry, addressDigest, auditHash, noHash } from './audit-entry.ts'

/** The last entry of a chain at some time: kept outside of the database, or seen by a witness. */
export type AuditHead = {
  readonly region: string
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** The place and hash of an entry after which others come. */
export type ChainEnd = Pick<AuditHead, 'seq' | 'hash'>

export type ChainFault = {
  readonly kind: 'missing' | 'changed' | 'unlinked' | 'address' | 'truncated' | 'rewritten'
  /** The first row that is not as it was written. */
  readonly seq: number
  readonly message: string
}

/** Takes a chain's entries in their order, one by one, and remembers the last alone. */
export class ChainCheck {
  readonly #heads: readonly AuditHead[]
  #last: ChainEnd

  /**
   * @param heads what the chain must still contain; none: nothing is known of it
   * @param from the entry before the first that is added; left out: the chain's beginning
   */
  constructor(heads: readonly AuditHead[], from: ChainEnd = { seq: 0, hash: noHash }) {
    this.#heads = heads
    this.#last = from
  }

  get last(): ChainEnd {
    return this.#last
  }

  /** The first fault, or null. Nothing more is to be added after one. */
  add(entry: AuditEntry): ChainFault | null {
    const fault = this.#faultOf(entry)
    if (fault === null) this.#last = { seq: entry.seq, hash: entry.hash }
    return fault
  }

  /** After the last entry. */
  end(): ChainFault | null {
    const expected = Math.max(0, ...this.#heads.map((head) => head.seq))
    if (this.#last.seq >= expected) return null
    const seq = this.#last.seq + 1
    return fault('truncated', seq, `the chain ends before the known head at ${expected}`)
  }

  #faultOf(entry: AuditEntry): ChainFault | null {
    const { seq, hash } = entry
    const expected = this.#last.seq + 1
    if (seq !== expected) return fault('missing', expected, `no entry; the next one is ${seq}`)
    if (!isAsHashed(entry)) return fault('changed', seq, 'says something else than its hash')
    if (entry.previousHash !== this.#last.hash) {
      return fault('unlinked', seq, 'does not follow the entry before it')
    }
    if (!hasItsAddress(entry)) return fault('address', seq, 'has another address than was written')
    if (this.#heads.some((head) => head.seq === seq && head.hash !== hash)) {
      return fault('rewritten', seq, 'is another entry than the known head')
    }
    return null
  }
}

function isAsHashed(entry: AuditEntry): boolean {
  // What no clock of ours gives, and what no canonical JSON says, was not hashed by us.
  if (!Number.isInteger(entry.atMs)) return false
  try {
    return auditHash(entry) === entry.hash
  } catch {
    return false
  }
}

/** Addresses are emptied together with their salt, and in no other way. */
function hasItsAddress({ address, addressSalt, addressDigest: digest }: AuditEntry): boolean {
  if (address === null || addressSalt === null) return address === addressSalt
  return addressDigest(address, addressSalt) === digest
}

function fault(kind: ChainFault['kind'], seq: number, message: string): ChainFault {
  return { kind, seq, message }
}
