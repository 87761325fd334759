/**
 * Verifies calls of other regions' servers: signed by a key of the region that they name, for us,
 * for exactly this method, path, query and body, a moment ago, and never seen before. Whatever
 * does not hold is nobody's call; why is not told.
 *
 * Seen calls are remembered by each server alone. Another server of this region would take a copy
 * of a call within its half minute: so a call that writes must be one that may be sent twice.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { JWK } from 'jose'
import { z } from 'zod'
import {
  bodyHash,
  type PassedOnClaims,
  type RegionCallClaims,
  regionCallClaims,
  regionCallType,
  signedAddress,
} from '../gateways/region-calls/region-call.ts'
import type { Clock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'
import { SeenOnce } from './seen-once.ts'

export type RegionCall = {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly header: string
}

/** A call that a region signed: its own, or one that it passes on for somebody. */
export type SignedCall = { readonly region: string; readonly passedOn: PassedOnClaims | null }

export type RegionCalls = { readonly verify: (call: RegionCall) => Promise<SignedCall | null> }

export type RegionKeys = ReadonlyMap<string, readonly JWK[]>

/** By region, then by the key's id. */
type Keys = ReadonlyMap<string, ReadonlyMap<unknown, KeyObject>>

/** @param options.keys public keys of each region that may call; in a rotation it has two */
export function regionCalls(options: {
  /** The region in which this server runs: whom a call must be for. */
  readonly region: string
  readonly keys: RegionKeys
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
}): RegionCalls {
  const { clock, region } = options
  const keys: Keys = new Map([...options.keys].map(([caller, own]) => [caller, keysOf(own)]))
  // A call from a clock ahead of ours may be seen this long before it ends.
  const seen = new SeenOnce({
    windowMs: limits.regionCallMs + limits.clockSkewMs,
    max: limits.regionCallsKnownMax,
  })
  return {
    verify: async (call) => {
      const claims = claimsIn(call, { keys, region, nowMs: clock.nowMs() })
      if (claims === null) return null
      if (!seen.first(claims.jti, clock.monotonicMs())) return null
      return { region: claims.iss, passedOn: claims.for ?? null }
    },
  }
}

function keysOf(own: readonly JWK[]): Map<unknown, KeyObject> {
  return new Map(own.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]))
}

type Checking = { readonly keys: Keys; readonly region: string; readonly nowMs: number }

const headShape = z.object({
  alg: z.enum(['EdDSA', 'Ed25519']),
  typ: z.literal(regionCallType),
  kid: z.string(),
  crit: z.undefined().optional(),
})

/** Blanks and other spellings of base64url are no part of it: there is one way to write a call. */
const compact = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/** The signature is checked last, since it costs most. */
function claimsIn(call: RegionCall, checking: Checking): RegionCallClaims | null {
  if (call.header.length > limits.regionCallCharactersMax) return null
  const [, head = '', payload = '', signature = ''] = compact.exec(call.header) ?? []
  const signed = Buffer.from(signature, 'base64url')
  if (signature === '' || signed.toString('base64url') !== signature) return null
  const claims = regionCallClaims.safeParse(jsonIn(payload)).data
  const header = headShape.safeParse(jsonIn(head)).data
  if (claims === undefined || header === undefined) return null
  if (claims.aud !== checking.region || !isNow(claims, checking.nowMs)) return null
  if (!isAbout(claims, call)) return null
  const key = checking.keys.get(claims.iss)?.get(header.kid)
  if (key === undefined) return null
  return verify(null, Buffer.from(`${head}.${payload}`), key, signed) ? claims : null
}

function jsonIn(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return null
  }
}

/** The tolerance is for the beginning only, and a long life is not theirs to choose. */
function isNow({ iat, exp }: RegionCallClaims, nowMs: number): boolean {
  const lifeMs = (exp - iat) * 1000
  const ageMs = Math.floor(nowMs / 1000) * 1000 - iat * 1000
  return (
    nowMs < exp * 1000 &&
    lifeMs <= limits.regionCallMs &&
    ageMs >= -limits.clockSkewMs &&
    ageMs <= limits.regionCallMs + limits.clockSkewMs
  )
}

function isAbout(claims: RegionCallClaims, { method, url, body }: RegionCall): boolean {
  return claims.htm === method && claims.htu === signedAddress(url) && claims.bh === bodyHash(body)
}
