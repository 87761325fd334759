/**
 * Access tokens of our own issuer: JWTs over Ed25519, checked with public keys alone, in every
 * region, without a database. Only this algorithm and this type of token are taken, whatever a
 * header says.
 */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { z } from 'zod'
import { accessAudience, accessTokenType } from '../application/access-issuer.ts'
import { limits } from '../platform/limits.ts'
import { rememberedTokens, type TokenVerifier } from './remembered-tokens.ts'

export { accessAudience, accessTokenType }
export type AccessTokens = TokenVerifier

/** What a person may do is not in the token: roles are read where they are kept, and can be lost. */
const claimsShape = z.object({
  sub: z.string().min(1).max(128),
  sid: z.string().min(1).max(128).optional(),
  iat: z.number(),
  exp: z.number(),
})

/** @param options.keys public keys; a token names its key by `kid` (two are valid in a rotation) */
export function accessTokens(options: {
  readonly keys: readonly JWK[]
  readonly issuer: string
  readonly nowMs: () => number
}): AccessTokens {
  const keys = createLocalJWKSet({ keys: [...options.keys] })
  const check = async (token: string, nowMs: number) => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA', 'Ed25519'],
      audience: accessAudience,
      issuer: options.issuer,
      typ: accessTokenType,
      requiredClaims: ['sub', 'exp', 'iat'],
      // Short-lived by our own rule, whatever the issuer thinks.
      maxTokenAge: limits.accessTokenMs / 1000,
      // For the beginning only: the clock of the region that issued it may be ahead of ours.
      clockTolerance: limits.clockSkewMs / 1000,
      currentDate: new Date(nowMs),
    })
    const { sub, sid, iat, exp } = claimsShape.parse(payload)
    return {
      person: { kind: 'person' as const, id: sub, session: sid ?? null },
      endsMs: Math.min(exp * 1000, iat * 1000 + limits.accessTokenMs),
    }
  }
  return rememberedTokens({ check, nowMs: options.nowMs })
}
