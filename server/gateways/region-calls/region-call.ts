/**
 * What a call between regions is signed over: who calls whom, by which method, to which path and
 * query, with which body, and until when. A JWT over Ed25519 in a header of its own; `htm` and
 * `htu` as RFC 9449 names them, without a host, since a region has many.
 *
 * The claims are a closed list. When a call is to carry for whom it is made, that becomes a claim
 * here, and servers that do not know it yet refuse the call instead of taking it for the region's.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'

export const regionCallHeader = 'x-frontrow-region-call'
export const regionCallType = 'frontrow-region-call+jwt'

export const regionCallClaims = z.strictObject({
  /** Region that calls, and region that is called. */
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(16).max(64),
  htm: z.string(),
  /** Path and query exactly as sent. */
  htu: z.string(),
  /** SHA-256 of the body as sent, base64url; of nothing where there is none. */
  bh: z.string(),
})
export type RegionCallClaims = z.output<typeof regionCallClaims>

export function bodyHash(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('base64url')
}
