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
import { issuesOf } from './input-issues.ts'
import { plainRefusal } from './plain-refusal.ts'

export type SigningIssuer = {
  readonly kid: string
  readonly key: CryptoKey
  readonly issuer: string
  readonly nowMs: () => number
}
export type DevelopmentIssuer = SigningIssuer & {
  /** Writes down what the named person may do, where the server looks for it. */
  readonly grant: (person: string, standing: GrantedStanding) => Promise<void>
}

const wish = z.strictObject({
  /** Who to be; any name makes a fan. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'must be 1 to 40 of a-z, 0-9 and -' }),
  admin: z.boolean().default(false),
  roles: z.record(z.string().regex(idPatterns.org), z.enum(roles)).default({}),
})
export type TokenWish = z.input<typeof wish>
export type GrantedStanding = Pick<z.output<typeof wish>, 'admin' | 'roles'>

export function developmentRoutes(app: FastifyInstance, issuer: DevelopmentIssuer): void {
  const open = { config: { access: { kind: 'public' } } } as const
  app.post('/development/token', open, async (request, reply) => {
    const parsed = wish.safeParse(parse(request.body))
    if (!parsed.success) {
      const [issue] = issuesOf(parsed.error)
      const text = `${issue?.path}: ${issue?.message}`
      return reply.status(400).send(plainRefusal('BAD_INPUT', text))
    }
    const { name, ...standing } = parsed.data
    await issuer.grant(personOf(name), standing)
    const token = await issueToken(issuer, name)
    return reply.send({ token, expiresInMs: limits.accessTokenMs })
  })
}

function personOf(name: string): string {
  return `demo:${name}`
}

export function issueToken(issuer: SigningIssuer, name: string): Promise<string> {
  const nowSeconds = Math.floor(issuer.nowMs() / 1000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', kid: issuer.kid, typ: accessTokenType })
    .setSubject(personOf(name))
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
