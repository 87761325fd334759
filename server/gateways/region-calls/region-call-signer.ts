/**
 * Signs our calls to other regions, so that they know which region calls and that nobody changed,
 * kept or redirected the call. It sends nothing.
 */
import { type CryptoKey, SignJWT } from 'jose'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'
import type { Random } from '../../platform/random.ts'
import { bodyHash, type RegionCallClaims, regionCallHeader, regionCallType } from './region-call.ts'

export type OutgoingCall = {
  /** Name of the region whose server is called. */
  readonly target: string
  readonly method: string
  /** Path and query, exactly as they will be sent. */
  readonly url: string
  /** '' where there is none. */
  readonly body: string
}

export type RegionCallSigner = {
  /** The header to send with this call, once: a second use is refused. */
  readonly headersFor: (call: OutgoingCall) => Promise<Readonly<Record<string, string>>>
}

const callIdBytes = 16

export function regionCallSigner(ports: {
  readonly key: { readonly kid: string; readonly key: CryptoKey }
  /** Name of the region that calls. */
  readonly region: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Pick<Random, 'bytes'>
}): RegionCallSigner {
  const { key, region, clock, random } = ports
  return {
    headersFor: async ({ target, method, url, body }) => {
      const iat = Math.floor(clock.nowMs() / 1000)
      const claims: RegionCallClaims = {
        iss: region,
        aud: target,
        iat,
        exp: iat + limits.regionCallMs / 1000,
        jti: Buffer.from(random.bytes(callIdBytes)).toString('base64url'),
        htm: method.toUpperCase(),
        htu: url,
        bh: bodyHash(body),
      }
      const signed = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: regionCallType })
        .sign(key.key)
      return { [regionCallHeader]: signed }
    },
  }
}
