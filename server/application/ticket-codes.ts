/**
 * Ticket codes: a compact JWS (RFC 7515) over Ed25519 (RFC 8037) that a door checks offline with
 * the public key alone. Made when asked for, never inside the sale. A transfer raises the epoch,
 * and codes of an older epoch are dead wherever the new one is known.
 */
import { CompactSign, type CryptoKey, compactVerify, createLocalJWKSet, type JWK } from 'jose'
import { z } from 'zod'
import type { TicketId } from '../platform/ids.ts'

export type TicketClaims = {
  readonly ticket: TicketId
  readonly event: string
  readonly unit: number
  readonly epoch: number
}

export type SigningKey = { readonly kid: string; readonly key: CryptoKey }

const claimsShape = z.object({ t: z.string(), e: z.string(), u: z.int(), x: z.int() })

export class TicketCodes {
  readonly #active: SigningKey
  /** Public keys of the active and the retired keys, as served under /.well-known/. */
  readonly publicKeys: { readonly keys: readonly JWK[] }

  constructor(keys: { readonly active: SigningKey; readonly publicKeys: readonly JWK[] }) {
    this.#active = keys.active
    this.publicKeys = { keys: keys.publicKeys }
  }

  sign(claims: TicketClaims): Promise<string> {
    const { ticket, event, unit, epoch } = claims
    const payload = JSON.stringify({ t: ticket, e: event, u: unit, x: epoch })
    return new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#active.kid, typ: 'frontrow-ticket' })
      .sign(this.#active.key)
  }

  /** What a code of ours says, or null for anything else. Doors do the same without us. */
  async verify(code: string): Promise<TicketClaims | null> {
    try {
      const keys = createLocalJWKSet({ keys: [...this.publicKeys.keys] })
      const verified = await compactVerify(code, keys, { algorithms: ['EdDSA'] })
      if (verified.protectedHeader.typ !== 'frontrow-ticket') return null
      const { t, e, u, x } = claimsShape.parse(
        JSON.parse(new TextDecoder().decode(verified.payload)),
      )
      return { ticket: t as TicketId, event: e, unit: u, epoch: x }
    } catch {
      return null
    }
  }
}
