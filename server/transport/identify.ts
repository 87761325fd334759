/**
 * Who calls. A person shows an access token, a partner's program its key, a server of another
 * region its signed call; one proof a request, and nothing else says who calls.
 */
import type { Caller, Machine, Person } from '../domain/access.ts'
import { type PassedOnClaims, regionCallHeader } from '../gateways/region-calls/region-call.ts'
import { plainAddress } from '../platform/address-block.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { RegionCall, SignedCall } from './region-calls.ts'

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
    readonly verify: (call: RegionCall) => Promise<SignedCall | null>
  }
}

/** How a call came that another region passed on, beside who made it. */
export type PassedOn = {
  /** The region that passed it on, and looked at the caller's proof. */
  readonly by: string
  /** The caller's own address. */
  readonly address: string
  readonly actingReason: string | null
  readonly leftMs: number
}

export type Identified = {
  /** null for nobody, and for whoever shows two proofs or one that does not hold. */
  readonly caller: Caller | null
  /** null: the call came from its caller. */
  readonly passedOn: PassedOn | null
}

const nobody: Identified = { caller: null, passedOn: null }

export async function identify(proofs: Proofs, shown: Shown): Promise<Identified> {
  const header = shown.headers[regionCallHeader]
  if (timesShown('authorization', shown.rawHeaders) > 1) return nobody
  const bearer = bearerOf(shown.headers['authorization'])
  if (header !== undefined) {
    if (bearer !== null || typeof header !== 'string') return nobody
    const { method, url, body } = shown
    const signed = await proofs.regionCalls.verify({ method, url, body, header })
    return signed === null ? nobody : callOf(signed)
  }
  if (bearer === null) return nobody
  const { tokens, keys } = proofs
  const caller = bearer.startsWith(keyPrefix) ? keys.verify(bearer) : tokens.verify(bearer)
  return { caller: await caller, passedOn: null }
}

export function callOf({ region, passedOn }: SignedCall): Identified {
  if (passedOn === null) return { caller: { kind: 'region', region }, passedOn: null }
  const { address, reason, leftMs } = passedOn
  return {
    caller: callerIn(passedOn),
    passedOn: {
      by: region,
      address: plainAddress(address) ?? 'unknown',
      actingReason: reason,
      leftMs,
    },
  }
}

function callerIn({ caller }: PassedOnClaims): Person | Machine | null {
  if (caller?.kind !== 'machine') return caller
  const organisation = caller.organisation as OrganisationId
  return { ...caller, organisation, scopes: new Set(caller.scopes) }
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
