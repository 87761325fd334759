/**
 * Access tokens of our own issuer: JWTs over Ed25519 (RFC 7519, 8037, 9068) that every region
 * checks with public keys alone. They say who a person is and by which session, for minutes; what
 * the person may do is read where it is kept, so that it can be taken away.
 */
import { SignJWT } from 'jose'
import type { Clock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'
import type { Random } from '../platform/random.ts'
import type { SigningKey } from './ticket-codes.ts'

export const accessAudience = 'frontrow'
export const accessTokenType = 'at+jwt'

export type AccessIssuer = {
  /** A token for somebody who has just proved who they are, and when it ends. */
  readonly issue: (facts: {
    readonly subject: string
    readonly session: string
  }) => Promise<{ readonly token: string; readonly expiresInMs: number }>
}

const tokenIdBytes = 16

export function accessIssuer(ports: {
  readonly key: SigningKey
  readonly issuer: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Pick<Random, 'bytes'>
}): AccessIssuer {
  const { key, issuer, clock, random } = ports
  return {
    issue: async ({ subject, session }) => {
      const nowMs = clock.nowMs()
      const issuedSeconds = Math.floor(nowMs / 1000)
      const endsSeconds = issuedSeconds + limits.accessTokenMs / 1000
      const token = await new SignJWT({ sid: session })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: accessTokenType })
        .setSubject(subject)
        .setIssuer(issuer)
        .setAudience(accessAudience)
        .setJti(Buffer.from(random.bytes(tokenIdBytes)).toString('base64url'))
        .setIssuedAt(issuedSeconds)
        .setExpirationTime(endsSeconds)
        .sign(key.key)
      return { token, expiresInMs: endsSeconds * 1000 - nowMs }
    },
  }
}
