/**
 * What a server answers whose wall clock is off, before it looks at a proof: it would take tokens
 * and signatures that have ended and refuse good ones, and who is told to sign in again does not go
 * to another region. Nothing was done; health and public keys depend on no clock.
 */
import type { FastifyRequest } from 'fastify'
import type { Services } from '../application/services.ts'
import { RefusedError, refusal } from '../domain/refusal.ts'
import { regionCallHeader } from '../gateways/region-calls/region-call.ts'

const timeless: ReadonlySet<string> = new Set([
  '/livez',
  '/readyz',
  '/.well-known/ticket-keys.json',
  '/.well-known/jwks.json',
])
const regionsOwnCalls = '/trpc/internal.'

/** @returns null where no clock is needed */
export function asideRefusal(
  { metrics }: Pick<Services, 'metrics'>,
  { url, headers, routeOptions }: Pick<FastifyRequest, 'url' | 'headers' | 'routeOptions'>,
): RefusedError | null {
  if (timeless.has(routeOptions.url ?? '')) return null
  const isOfRegion = regionCallHeader in headers
  // Our holds are copied until another region has taken over: it is judged by the database's time.
  if (isOfRegion && url.startsWith(regionsOwnCalls)) return null
  // Whoever passed a call on looks for the server that will take over; a fan's client goes there.
  const code = isOfRegion ? 'AUTHORITY_MOVED' : 'UNAVAILABLE'
  metrics.count('frontrow.refusals', { code })
  return new RefusedError(refusal(code, 'The clock of this server is wrong. Ask another one.'))
}
