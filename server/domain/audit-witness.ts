/**
 * Heads of audit chains that another region has witnessed. The signature is the witness's: whoever
 * can write to all tables, but has no key of that region's servers, cannot make one.
 */
import type { AuditHead } from './audit-chain.ts'
import { canonicalJson } from './canonical-json.ts'

export type WitnessedHead = AuditHead & {
  /** Name of the region that looked. */
  readonly witness: string
}

export type SignedHead = WitnessedHead & { readonly signature: string }

/** What is signed: only of these five, so that nothing else can be read into a signature. */
export function witnessedText({ witness, region, chain, seq, hash }: WitnessedHead): string {
  return canonicalJson({ v: 1, witness, region, chain, seq, hash })
}

export type HeadSigner = {
  readonly sign: (head: WitnessedHead) => string
  /** Whether the key that signs now signed this; false: it is to be signed anew. */
  readonly isOwn: (signature: string) => boolean
}

/**
 * What a signature says: that the witness wrote it, or not; or nothing, for its key is not known
 * to whoever asks.
 */
export type SignatureFinding = 'witnessed' | 'forged' | 'unknown'
