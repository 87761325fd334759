/**
 * Who calls. A person shows an access token, a partner's program its key, a server of another
 * region its signed call; one proof a request, and nothing else says who calls.
 */
import type { Caller, Machine, Person, RegionServer } from '../domain/access.ts'
import { regionCallHeader } from '../gateways/region-calls/region-call.ts'
import { limits } from '../platform/limits.ts'

const keyPrefix = 'frk_'

/** What is left of a request once it was read; `body` is '' where there is none. */
export type Shown = {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names and values by turns, as they came: `headers` keeps the first Authorization alone. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export type Proofs = {
  readonly tokens: { readonly verify: (token: string) => Promise<Person | null> }
  readonly keys: { readonly verify: (text: string) => Promise<Machine | null> }
  readonly regionCalls: {
    readonly verify: (call: RegionCall) => Promise<RegionServer | null>
  }
}

export type RegionCall = {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly header: string
}

/** @returns null for nobody, and for whoever shows two proofs or one that does not hold */
export async function identify(proofs: Proofs, shown: Shown): Promise<Caller | null> {
  const header = shown.headers[regionCallHeader]
  if (timesShown('authorization', shown.rawHeaders) > 1) return null
  const bearer = bearerOf(shown.headers['authorization'])
  if (header !== undefined) {
    if (bearer !== null || typeof header !== 'string') return null
    const { method, url, body } = shown
    return proofs.regionCalls.verify({ method, url, body, header })
  }
  if (bearer === null) return null
  return bearer.startsWith(keyPrefix) ? proofs.keys.verify(bearer) : proofs.tokens.verify(bearer)
}

/** A proxy may have judged the second of two headers where we would take the first. */
function timesShown(name: string, rawHeaders: readonly string[]): number {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name).length
}

function bearerOf(header: string | readonly string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  return /^Bearer ([A-Za-z0-9._-]{1,4096})$/.exec(header)?.[1] ?? null
}

/** The header `x-acting-reason`, percent-encoded where it is not plain ASCII; null when unfit. */
export function actingReasonOf(header: string | readonly string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  const reason = decoded(header)?.trim() ?? ''
  const { actingReasonCharactersMin: least, actingReasonCharactersMax: most } = limits
  const fits = reason.length >= least && reason.length <= most
  return fits && !/\p{Cc}|\p{Cs}/u.test(reason) ? reason : null
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
