/**
 * Who takes part: tokens of the system's development issuer, which only a development system has.
 * All are fetched before the opening, so that the sale is measured and not the issuer.
 */
import pLimit from 'p-limit'

export type Identity = {
  readonly name: string
  readonly admin?: boolean
  readonly roles?: Readonly<Record<string, string>>
}

/** Asks for tokens at once. */
const tokensAtOnce = 16

/** The system cannot be driven as it is; one sentence for a person. */
export class NotDrivableError extends Error {
  override readonly name = 'NotDrivableError'
}

/** @throws NotDrivableError when there is no development issuer */
export async function fetchToken(
  url: string,
  identity: Identity,
  signal?: AbortSignal,
): Promise<string> {
  const address = new URL('/development/token', url)
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(identity),
    signal: signal ?? null,
  }).catch((cause: unknown) => {
    throw new NotDrivableError(`Nothing answers at ${url}.`, { cause })
  })
  const body: unknown = await response.json().catch(() => null)
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : null
  if (typeof token === 'string') return token
  throw new NotDrivableError(
    `${address.href} answered ${response.status} and no token: fans need a development issuer (DEVELOPMENT_ISSUER_KEYS).`,
  )
}

/** @returns tokens in the order of the identities; `onToken` hears of each */
export function fetchTokens(
  url: string,
  identities: readonly Identity[],
  onToken: () => void,
): Promise<string[]> {
  const atOnce = pLimit(tokensAtOnce)
  return atOnce.map(identities, async (identity) => {
    const token = await fetchToken(url, identity)
    onToken()
    return token
  })
}
