/**
 * Verifies calls of other regions' servers: signed by a key of the region that they name, for us,
 * for exactly this method, path, query and body, a moment ago, and never seen before. Whatever
 * does not hold is nobody's call; why is not told.
 *
 * Seen calls are remembered by each server alone. Another server of this region would take a copy
 * of a call within its half minute: so a call that writes must be one that may be sent twice.
 */
import { createLocalJWKSet, decodeJwt, type JWK, jwtVerify } from 'jose'
import type { RegionServer } from '../domain/access.ts'
import {
  bodyHash,
  type RegionCallClaims,
  regionCallClaims,
  regionCallType,
} from '../gateways/region-calls/region-call.ts'
import type { Clock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'
import type { RegionCall } from './identify.ts'
import { SeenOnce } from './seen-once.ts'

export type RegionCalls = { readonly verify: (call: RegionCall) => Promise<RegionServer | null> }

export type RegionKeys = ReadonlyMap<string, readonly JWK[]>

type Finder = ReturnType<typeof createLocalJWKSet>

/** @param options.keys public keys of each region that may call; in a rotation it has two */
export function regionCalls(options: {
  /** The region in which this server runs: whom a call must be for. */
  readonly region: string
  readonly keys: RegionKeys
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
}): RegionCalls {
  const { clock, region } = options
  const finders = new Map<string, Finder>()
  for (const [caller, keys] of options.keys) {
    finders.set(caller, createLocalJWKSet({ keys: [...keys] }))
  }
  // A call from a clock ahead of ours may be seen this long before it ends.
  const seen = new SeenOnce({
    windowMs: limits.regionCallMs + limits.clockSkewMs,
    max: limits.regionCallsKnownMax,
  })
  return {
    verify: async (call) => {
      const nowMs = clock.nowMs()
      const claims = await signedClaims(call.header, { finders, region, nowMs })
      if (claims === null || !isAbout(claims, call)) return null
      if (!seen.first(claims.jti, clock.monotonicMs())) return null
      return { kind: 'region', region: claims.iss }
    },
  }
}

type Checking = {
  readonly finders: ReadonlyMap<string, Finder>
  readonly region: string
  readonly nowMs: number
}

async function signedClaims(header: string, checking: Checking): Promise<RegionCallClaims | null> {
  if (header.length > limits.regionCallCharactersMax || !isCanonical(header)) return null
  const { finders, region, nowMs } = checking
  try {
    const issuer = decodeJwt(header).iss ?? ''
    const finder = finders.get(issuer)
    if (finder === undefined) return null
    const { payload } = await jwtVerify(header, finder, {
      algorithms: ['EdDSA', 'Ed25519'],
      typ: regionCallType,
      issuer,
      audience: region,
      clockTolerance: limits.clockSkewMs / 1000,
      maxTokenAge: limits.regionCallMs / 1000,
      currentDate: new Date(nowMs),
    })
    const claims = regionCallClaims.parse(payload)
    // The tolerance is for the beginning only, and a long life is not theirs to choose.
    const lifeMs = (claims.exp - claims.iat) * 1000
    return nowMs < claims.exp * 1000 && lifeMs <= limits.regionCallMs ? claims : null
  } catch {
    return null
  }
}

/** Decoders pass over blanks and unused bits; here there is one way to write a call. */
function isCanonical(header: string): boolean {
  const signature = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(header)?.[1]
  if (signature === undefined) return false
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

function isAbout(claims: RegionCallClaims, { method, url, body }: RegionCall): boolean {
  return claims.htm === method && claims.htu === url && claims.bh === bodyHash(body)
}
