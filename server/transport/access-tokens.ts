/**
 * Access tokens: JWTs over Ed25519, checked with public keys alone, in every region, without a
 * database. Only this algorithm and this type of token are taken, whatever a header says.
 */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Person } from '../domain/access.ts'
import { limits } from '../platform/limits.ts'

export const accessAudience = 'frontrow'
export const accessTokenType = 'at+jwt'

/** What a person may do is not in the token: roles are read where they are kept, and can be lost. */
const claimsShape = z.object({
  sub: z.string().min(1).max(128),
  sid: z.string().min(1).max(128).optional(),
})

export type AccessTokens = { readonly verify: (token: string) => Promise<Person | null> }

/** @param options.keys public keys; a token names its key by `kid` (two are valid in a rotation) */
export function accessTokens(options: {
  readonly keys: readonly JWK[]
  readonly issuer: string
  readonly nowMs: () => number
}): AccessTokens {
  const keys = createLocalJWKSet({ keys: [...options.keys] })
  const known = new LRUCache<string, KnownToken>({ max: limits.knownTokensMax })
  return {
    verify: async (token) => {
      const nowMs = options.nowMs()
      const before = known.get(token)
      if (before !== undefined && nowMs < before.endsMs) return before.caller
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ['EdDSA', 'Ed25519'],
          audience: accessAudience,
          issuer: options.issuer,
          typ: accessTokenType,
          requiredClaims: ['sub', 'exp', 'iat'],
          // Short-lived by our own rule, whatever the issuer thinks.
          maxTokenAge: limits.accessTokenMs / 1000,
          currentDate: new Date(nowMs),
        })
        const caller = callerFrom(claimsShape.parse(payload))
        known.set(token, { caller, endsMs: endOf(payload) })
        return caller
      } catch {
        return null
      }
    },
  }
}

/** A token that verified; it says the same until it ends, and the signature need not be redone. */
type KnownToken = { readonly caller: Person; readonly endsMs: number }

function endOf({ exp = 0, iat = 0 }: { readonly exp?: number; readonly iat?: number }): number {
  return Math.min(exp * 1000, iat * 1000 + limits.accessTokenMs)
}

function callerFrom(claims: z.output<typeof claimsShape>): Person {
  return { kind: 'person', id: claims.sub, session: claims.sid ?? null }
}
