/**
 * Whether a hash chain of the audit log is whole: its entries numbered without a gap, each hashed
 * over what it says and tied to the one before. Stands on its own: nothing here writes entries.
 * What was cut off at the end, or written anew as a whole, only a head that was kept elsewhere shows.
 */
import { type AuditEntry, addressDigest, auditHash, noHash } from './audit-entry.ts'

/** The last entry of a chain at some time, kept outside of the database. */
export type AuditHead = {
  readonly region: string
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

export type ChainFault = {
  readonly kind: 'missing' | 'changed' | 'unlinked' | 'address' | 'truncated' | 'rewritten'
  /** The first row that is not as it was written. */
  readonly seq: number
  readonly message: string
}

/** Takes a chain's entries in their order, one by one, and remembers the last alone. */
export class ChainCheck {
  readonly #head: AuditHead | null
  #last: { readonly seq: number; readonly hash: string } = { seq: 0, hash: noHash }

  /** @param head what the chain must still contain; null: nothing is known of it */
  constructor(head: AuditHead | null) {
    this.#head = head
  }

  get last(): { readonly seq: number; readonly hash: string } {
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
    const expected = this.#head?.seq ?? 0
    if (this.#last.seq >= expected) return null
    const seq = this.#last.seq + 1
    return fault('truncated', seq, `the chain ends before the saved head at ${expected}`)
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
    const isHead = this.#head?.seq === seq
    if (isHead && this.#head?.hash !== hash) {
      return fault('rewritten', seq, 'is another entry than the saved head')
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
