/**
 * Access tokens of an outside OpenID Connect issuer (RFC 9068, or plain JWTs, which most issuers
 * give). They say who a person is and nothing else: what the person may do is kept here.
 */
import { createHash } from 'node:crypto'
import { type JWTHeaderParameters, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { limits } from '../platform/limits.ts'
import { rememberedTokens, type TokenVerifier } from './remembered-tokens.ts'

const claimsShape = z.object({
  sub: z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${limits.outsideSubjectCharactersMax}}$`)),
  iat: z.number(),
  exp: z.number(),
  // An id token tells a client who signed in; it opens no API, even where the audience is the same.
  nonce: z.undefined().optional(),
  at_hash: z.undefined().optional(),
})

export function outsideTokens(options: {
  readonly issuer: string
  readonly audience: string
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[]
  readonly keyFor: JWTVerifyGetKey
  readonly nowMs: () => number
}): TokenVerifier {
  const { issuer, audience, keyFor } = options
  const prefix = outsidePrefix(issuer)
  const check = async (token: string, nowMs: number) => {
    const { payload, protectedHeader } = await jwtVerify(token, keyFor, {
      algorithms: [...options.algorithms],
      audience,
      issuer,
      requiredClaims: ['sub', 'exp', 'iat'],
      maxTokenAge: limits.outsideTokenMs / 1000,
      // For the beginning only: the issuer's clock may be ahead of ours.
      clockTolerance: limits.clockSkewMs / 1000,
      currentDate: new Date(nowMs),
    })
    if (!isAccessToken(protectedHeader)) return null
    const { sub, iat, exp } = claimsShape.parse(payload)
    return {
      // The issuer's sessions are not ours to end, so that we name none.
      person: { kind: 'person' as const, id: `${prefix}${sub}`, session: null },
      endsMs: Math.min(exp * 1000, iat * 1000 + limits.outsideTokenMs),
      // So that a key which the issuer withdrew is noticed.
      checkAgainMs: nowMs + limits.outsideTokenCheckMs,
    }
  }
  return rememberedTokens({ check, nowMs: options.nowMs })
}

/**
 * What stands before the issuer's subject in a person's id. It names the issuer too: the same
 * subject at another issuer is another person, and nobody's id begins like one of ours.
 */
export function outsidePrefix(issuer: string): string {
  return `oidc:${createHash('sha256').update(issuer).digest('hex').slice(0, 12)}:`
}

function isAccessToken({ typ = 'JWT' }: JWTHeaderParameters): boolean {
  return /^(application\/)?(at\+jwt|jwt)$/i.test(typ)
}
