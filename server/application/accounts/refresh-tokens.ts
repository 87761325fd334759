/**
 * Refresh tokens: `frr.<id of the device>.<generation>.<MAC>`. Nothing of them is stored; the row of
 * the device knows which generation is the newest. A token that was not made here is no token.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { idPatterns, type SessionId } from '../../platform/ids.ts'

export type RefreshClaim = { readonly session: SessionId; readonly generation: number }

export type RefreshTokens = {
  readonly make: (claim: RefreshClaim) => string
  /** null: forged or broken. */
  readonly read: (token: string) => RefreshClaim | null
}

const form = /^frr\.(ses_[a-z0-9]+_[a-z0-9]+)\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})$/

export function refreshTokens(secret: string): RefreshTokens {
  const macOf = (session: string, generation: string) =>
    createHmac('sha256', secret).update(`frr.${session}.${generation}`).digest()
  return {
    make: ({ session, generation }) => {
      const mac = macOf(session, String(generation)).toString('base64url')
      return `frr.${session}.${generation}.${mac}`
    },
    read: (token) => {
      const [, session = '', generation = '', shown = ''] = form.exec(token) ?? []
      if (!idPatterns.ses.test(session)) return null
      const mac = Buffer.from(shown, 'base64url')
      if (!timingSafeEqual(mac, macOf(session, generation))) return null
      return { session: session as SessionId, generation: Number(generation) }
    },
  }
}

/** What is kept of an idempotency key: enough to know it again. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
