/**
 * The built-in issuer: access tokens for demo fans, an organiser and an admin, for whoever asks.
 * Only there when DEVELOPMENT_ISSUER_KEYS is set, which a production server never does.
 */
import type { FastifyInstance } from 'fastify'
import { type CryptoKey, SignJWT } from 'jose'
import { z } from 'zod'
import { roles } from '../domain/access.ts'
import { idPatterns } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { accessAudience, accessTokenType } from './access-tokens.ts'

export type DevelopmentIssuer = {
  readonly kid: string
  readonly key: CryptoKey
  readonly issuer: string
  readonly nowMs: () => number
}

const wish = z.strictObject({
  /** Who to be; any name makes a fan. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'must be 1 to 40 of a-z, 0-9 and -' }),
  admin: z.boolean().default(false),
  roles: z.record(z.string().regex(idPatterns.org), z.enum(roles)).default({}),
})
export type TokenWish = z.input<typeof wish>

export function developmentRoutes(app: FastifyInstance, issuer: DevelopmentIssuer): void {
  app.post('/development/token', async (request, reply) => {
    const parsed = wish.safeParse(parse(request.body))
    if (!parsed.success) {
      return reply.status(400).send({ error: z.prettifyError(parsed.error) })
    }
    const token = await issueToken(issuer, parsed.data)
    return reply.send({ token, expiresInMs: limits.accessTokenMs })
  })
}

export function issueToken(issuer: DevelopmentIssuer, asked: TokenWish): Promise<string> {
  const { name, admin = false, roles: granted = {} } = asked
  const nowSeconds = Math.floor(issuer.nowMs() / 1000)
  return new SignJWT({ roles: granted, admin })
    .setProtectedHeader({ alg: 'EdDSA', kid: issuer.kid, typ: accessTokenType })
    .setSubject(`demo:${name}`)
    .setIssuer(issuer.issuer)
    .setAudience(accessAudience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + limits.accessTokenMs / 1000)
    .sign(issuer.key)
}

function parse(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : null
  } catch {
    return null
  }
}
