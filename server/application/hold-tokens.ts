/**
 * The signed hold token: what a fan holds, for how much, until when. Checkout reads it instead of
 * Redis, so that a sale in progress survives the loss of the hold book. HMAC (HS256), since only
 * servers of ours check it. It proves what was promised; SQL still decides whether it can be had.
 */
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Hold } from '../domain/hold.ts'
import type { Clock } from '../platform/clock.ts'
import type { EventId, OrderId } from '../platform/ids.ts'

const claimsShape = z.object({
  id: z.string(),
  event: z.string(),
  buyer: z.string(),
  units: z.array(z.int().nonnegative()),
  digest: z.string(),
  terms: z.object({
    currency: z.string(),
    prices: z.array(z.object({ section: z.int(), tier: z.string(), price: z.int(), fee: z.int() })),
  }),
  exp: z.number(),
  cap: z.number(),
})

export class HoldTokens {
  readonly #secret: Uint8Array
  readonly #clock: Clock

  /** @param ports.secret 32 bytes or more, the same in every region */
  constructor(ports: { readonly secret: Uint8Array; readonly clock: Clock }) {
    this.#secret = ports.secret
    this.#clock = ports.clock
  }

  sign(hold: Hold): Promise<string> {
    const nowSeconds = this.#clock.nowMs() / 1000
    const { id, event, buyer, units, digest, terms } = hold
    const cap = Math.floor(nowSeconds + hold.capInMs / 1000)
    return new SignJWT({ id, event, buyer, units, digest, terms, cap })
      .setProtectedHeader({ alg: 'HS256', typ: 'frontrow-hold' })
      .setExpirationTime(Math.ceil(nowSeconds + hold.expiresInMs / 1000))
      .sign(this.#secret)
  }

  /** The hold of a token that we signed, or null. An expired one is told by expiresInMs <= 0. */
  async verify(token: string): Promise<Hold | null> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: ['HS256'],
        typ: 'frontrow-hold',
        // Expiry is judged by the caller, who may find that the order exists already.
        currentDate: new Date(0),
      })
      const claims = claimsShape.parse(payload)
      const nowMs = this.#clock.nowMs()
      return {
        id: claims.id as OrderId,
        event: claims.event as EventId,
        buyer: claims.buyer,
        units: claims.units,
        terms: claims.terms,
        digest: claims.digest,
        expiresInMs: claims.exp * 1000 - nowMs,
        capInMs: claims.cap * 1000 - nowMs,
      }
    } catch {
      return null
    }
  }
}
