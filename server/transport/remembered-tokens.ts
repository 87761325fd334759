/**
 * A token that verified says the same until it ends, so its signature need not be checked again:
 * the usual check of a token is a look into a map. What did not verify is never remembered.
 */
import { LRUCache } from 'lru-cache'
import type { Person } from '../domain/access.ts'
import { limits } from '../platform/limits.ts'

export type TokenVerifier = {
  /** null for whatever does not verify, whatever the reason. */
  readonly verify: (token: string) => Promise<Person | null>
}

export type VerifiedToken = {
  readonly person: Person
  /** Wall time from which on the token is nothing; exact, without any tolerance. */
  readonly endsMs: number
  /** Wall time at which the signature is to be checked again; at the end, unless told. */
  readonly checkAgainMs?: number
}

/** @param options.check rejects, or answers null, for a token that does not verify */
export function rememberedTokens(options: {
  readonly check: (token: string, nowMs: number) => Promise<VerifiedToken | null>
  readonly nowMs: () => number
}): TokenVerifier {
  const known = new LRUCache<string, VerifiedToken>({ max: limits.knownTokensMax })
  return {
    verify: async (token) => {
      const nowMs = options.nowMs()
      const before = known.get(token)
      if (before !== undefined && nowMs < (before.checkAgainMs ?? before.endsMs)) {
        return before.person
      }
      try {
        const verified = await options.check(token, nowMs)
        if (verified === null || nowMs >= verified.endsMs) return null
        const { endsMs, checkAgainMs = endsMs } = verified
        known.set(token, { ...verified, checkAgainMs: Math.min(endsMs, checkAgainMs) })
        return verified.person
      } catch {
        return null
      }
    },
  }
}
