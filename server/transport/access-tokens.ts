/**
 * Access tokens: JWTs over Ed25519, checked with public keys alone, in every region, without a
 * database. Only this algorithm and this type of token are taken, whatever a header says.
 */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { z } from 'zod'
import { type Caller, type Role, roles } from '../domain/access.ts'
import { idPatterns, type OrganisationId } from '../platform/ids.ts'

export const accessAudience = 'frontrow'
export const accessTokenType = 'at+jwt'

const claimsShape = z.object({
  sub: z.string().min(1).max(128),
  roles: z.record(z.string().regex(idPatterns.org), z.enum(roles)).default({}),
  admin: z.boolean().default(false),
})

export type AccessTokens = { readonly verify: (token: string) => Promise<Caller | null> }

/** @param options.keys public keys; a token names its key by `kid` (two are valid in a rotation) */
export function accessTokens(options: {
  readonly keys: readonly JWK[]
  readonly issuer: string
  readonly nowMs: () => number
}): AccessTokens {
  const keys = createLocalJWKSet({ keys: [...options.keys] })
  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ['EdDSA', 'Ed25519'],
          audience: accessAudience,
          issuer: options.issuer,
          typ: accessTokenType,
          requiredClaims: ['sub', 'exp', 'iat'],
          currentDate: new Date(options.nowMs()),
        })
        const claims = claimsShape.parse(payload)
        return {
          id: claims.sub,
          roles: new Map(Object.entries(claims.roles) as [OrganisationId, Role][]),
          platformAdmin: claims.admin,
        }
      } catch {
        return null
      }
    },
  }
}
