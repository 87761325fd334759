/**
 * Stays signed in: gives access tokens, and renews them by a refresh token that is good once. What
 * the next renewal needs is kept before it is needed, key included, so that a renewal whose answer
 * was lost, with the page or the process, is sent again and is no theft.
 */
import type { Client } from './create-client.ts'

export type KeptSession = {
  readonly refreshToken: string
  /** The key of its one renewal. As secret as the token: both together renew. */
  readonly key: string
}

export type SignedIn = {
  readonly accessToken: string
  readonly refreshToken: string
}

export type AccountSessionOptions = {
  /** One without a token of its own. */
  readonly client: Pick<Client, 'accounts' | 'newKey'>
  /** The answer of a sign-in, or what was kept of an earlier session. */
  readonly from: SignedIn | KeptSession
  /** Writes it down, for as long as the fan stays signed in; awaited before a token is used. */
  readonly keep: (session: KeptSession) => void | Promise<void>
}

/**
 * For `createClient({ token })`, which asks for a token when it has none and when one was refused.
 * The function rejects with SESSION_ENDED when the fan must sign in again.
 */
export function accountSession({ client, from, keep }: AccountSessionOptions) {
  let fresh = 'accessToken' in from ? from : null
  let kept = 'key' in from ? from : null
  let renewal: Promise<string> | null = null

  const next = async (): Promise<string> => {
    const first = fresh
    fresh = null
    if (kept === null) {
      kept = { refreshToken: from.refreshToken, key: client.newKey() }
      await keep(kept)
    }
    if (first !== null) return first.accessToken
    const { accessToken, refreshToken } = await client.accounts.refresh.mutate(kept)
    kept = { refreshToken, key: client.newKey() }
    await keep(kept)
    return accessToken
  }

  return (): Promise<string> => {
    renewal ??= next().finally(() => {
      renewal = null
    })
    return renewal
  }
}
