/**
 * One entry of the audit log and the hash that ties it to the one before. docs/audit.md says the
 * same in words, so that anybody can check a chain. A change of this form raises `formatVersion`.
 */
import { createHash, createHmac } from 'node:crypto'
import { canonicalJson, type Json } from './canonical-json.ts'

const formatVersion = 1

/** The chain of what those who run the platform do for no organisation. */
export const platformChain = 'platform'

/** What the first entry of a chain names as the hash before it. */
export const noHash = '0'.repeat(64)

export type AuditActor = {
  /** `operator`: somebody at a server's own machine. */
  readonly kind: 'person' | 'machine' | 'region' | 'operator'
  readonly id: string
}

/** What happened, before it has a place in a chain. */
export type AuditFacts = {
  /** An organisation's id, or `platformChain`. */
  readonly chain: string
  /** begun: written before the action, so that none is without a trace. ended: what became of it. */
  readonly phase: 'begun' | 'ended'
  /** Of an ended action: where its beginning stands in the same chain. */
  readonly begunSeq: number | null
  /** The procedure's path, or the command. */
  readonly action: string
  readonly actor: AuditActor
  /** Where the call came from: the client's address as text. */
  readonly address: string
  readonly requestId: string
  /** Ids of what the action is about. */
  readonly subjects: readonly string[]
  /** Why an admin of the platform acted for an organisation. */
  readonly reason: string | null
  readonly input: Json
  readonly before: Json
  readonly after: Json
  /** Of an ended action: `done`, a refusal's code, or `failed`. */
  readonly outcome: string | null
}

export type AuditEntry = Omit<AuditFacts, 'address'> & {
  readonly region: string
  /** 1 for the first of its region and chain; no number is left out. */
  readonly seq: number
  /** Milliseconds since 1970 by the server's clock. */
  readonly atMs: number
  /** Null once its time is over; the digest and with it the hash stay. */
  readonly address: string | null
  readonly addressSalt: string | null
  readonly addressDigest: string
  readonly previousHash: string
  readonly hash: string
}

/** SHA-256 over the canonical JSON of all members but `hash`, `address` and `addressSalt`. */
export function auditHash(entry: Omit<AuditEntry, 'hash' | 'address' | 'addressSalt'>): string {
  const { actor, atMs } = entry
  const hashed = {
    v: formatVersion,
    region: entry.region,
    chain: entry.chain,
    seq: entry.seq,
    at: new Date(atMs).toISOString(),
    phase: entry.phase,
    begunSeq: entry.begunSeq,
    action: entry.action,
    actor: { kind: actor.kind, id: actor.id },
    addressDigest: entry.addressDigest,
    requestId: entry.requestId,
    subjects: entry.subjects,
    reason: entry.reason,
    input: entry.input,
    before: entry.before,
    after: entry.after,
    outcome: entry.outcome,
    previousHash: entry.previousHash,
  }
  return createHash('sha256').update(canonicalJson(hashed), 'utf8').digest('hex')
}

/**
 * Stands for an address within a hash. Salted, since there are too few addresses for a plain hash
 * to hide one after the address itself was emptied.
 */
export function addressDigest(address: string, salt: string): string {
  return createHmac('sha256', salt).update(address, 'utf8').digest('hex')
}
