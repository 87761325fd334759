/**
 * What a call between regions is signed over: who calls whom, by which method, to which path and
 * query, with which body, and until when. A JWT over Ed25519 in a header of its own; `htm` and
 * `htu` as RFC 9449 names them, without a host, since a region has many.
 *
 * The claims are a closed list. With `for` the call is not the region's own: it is passed on for
 * the person, the machine or the nobody who made it. Whatever else is said makes it nobody's call.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { scopes } from '../../domain/access.ts'
import { idPatterns } from '../../platform/ids.ts'
import { limits } from '../../platform/limits.ts'

export const regionCallHeader = 'x-frontrow-region-call'
export const regionCallType = 'frontrow-region-call+jwt'

/** Outside issuers make their persons' ids as long as they like, within their own bound. */
const personIdCharactersMax = 1_024

const person = z.strictObject({
  kind: z.literal('person'),
  id: z.string().min(1).max(personIdCharactersMax),
  session: z.string().max(128).nullable(),
})

const machine = z.strictObject({
  kind: z.literal('machine'),
  id: z.string().min(1).max(128),
  organisation: z.string().regex(idPatterns.org),
  scopes: z.array(z.enum(scopes)).max(scopes.length),
})

export const passedOnClaims = z.strictObject({
  /** As the first server found out; null: nobody. Never a region: those call for themselves. */
  caller: z.discriminatedUnion('kind', [person, machine]).nullable(),
  /** The caller's own, as the first server saw it. */
  address: z.string().max(64),
  /** Why an admin of the platform acts for an organisation. */
  reason: z.string().max(limits.actingReasonCharactersMax).nullable(),
  /** What is left of the caller's patience, from the moment of signing. Milliseconds. */
  leftMs: z.int().positive().max(limits.callDeadlineMaxMs),
})
export type PassedOnClaims = z.output<typeof passedOnClaims>

export const regionCallClaims = z.strictObject({
  /** Region that calls, and region that is called. */
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(16).max(64),
  htm: z.string(),
  /** Path and query exactly as sent, or their hash: see signedAddress. */
  htu: z.string(),
  /** SHA-256 of the body as sent, base64url; of nothing where there is none. */
  bh: z.string(),
  for: passedOnClaims.optional(),
})
export type RegionCallClaims = z.output<typeof regionCallClaims>

export function bodyHash(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('base64url')
}

/** No address begins like this: a path begins with a slash. */
const hashedPrefix = 'sha256:'

/** What stands for path and query in the signature: themselves, or of long ones the hash. */
export function signedAddress(url: string): string {
  return url.length <= limits.regionCallUrlCharactersMax ? url : `${hashedPrefix}${bodyHash(url)}`
}
