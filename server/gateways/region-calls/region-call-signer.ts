/**
 * Signs our calls to other regions, so that they know which region calls and that nobody changed,
 * kept or redirected the call. It sends nothing.
 *
 * The JWT is put together here and signed by node's own Ed25519: through jose and WebCrypto the
 * same signature costs three times the CPU, and every forwarded call has one. A test holds both
 * against each other.
 */
import { KeyObject, sign } from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'
import type { Random } from '../../platform/random.ts'
import {
  bodyHash,
  type PassedOnClaims,
  type RegionCallClaims,
  regionCallHeader,
  regionCallType,
  signedAddress,
} from './region-call.ts'

export type OutgoingCall = {
  /** Name of the region whose server is called. */
  readonly target: string
  readonly method: string
  /** Path and query, exactly as they will be sent. */
  readonly url: string
  /** '' where there is none. */
  readonly body: string
  /** For whom it is passed on; absent: the call is the region's own. */
  readonly for?: PassedOnClaims
}

export type RegionCallSigner = {
  /** The header to send with this call, once: a second use is refused. */
  readonly headersFor: (call: OutgoingCall) => Promise<Readonly<Record<string, string>>>
}

const callIdBytes = 16
/** Random bytes are fetched for so many calls at once: one by one they cost as much as the JSON. */
const callIdsAtOnce = 256

export function regionCallSigner(ports: {
  readonly key: { readonly kid: string; readonly key: CryptoKey }
  /** Name of the region that calls. */
  readonly region: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Pick<Random, 'bytes'>
}): RegionCallSigner {
  const { key, region, clock, random } = ports
  const privateKey = KeyObject.from(key.key as Parameters<typeof KeyObject.from>[0])
  const head = encoded({ alg: 'EdDSA', kid: key.kid, typ: regionCallType })
  let bytes = Buffer.alloc(0)
  const nextCallId = () => {
    if (bytes.length === 0) bytes = Buffer.from(random.bytes(callIdBytes * callIdsAtOnce))
    const id = bytes.toString('base64url', 0, callIdBytes)
    bytes = bytes.subarray(callIdBytes)
    return id
  }
  return {
    headersFor: async ({ target, method, url, body, for: passedOn }) => {
      const iat = Math.floor(clock.nowMs() / 1000)
      const claims: RegionCallClaims = {
        iss: region,
        aud: target,
        iat,
        exp: iat + limits.regionCallMs / 1000,
        jti: nextCallId(),
        htm: method.toUpperCase(),
        htu: signedAddress(url),
        bh: bodyHash(body),
        ...(passedOn === undefined ? {} : { for: passedOn }),
      }
      const input = `${head}.${encoded(claims)}`
      const signature = sign(null, Buffer.from(input), privateKey).toString('base64url')
      return { [regionCallHeader]: `${input}.${signature}` }
    },
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
