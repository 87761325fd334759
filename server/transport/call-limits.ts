/**
 * Counts calls before they are made: all from one address block in this server's memory, then
 * those of whoever calls by person or key, and those of nobody by address block. Answers say what
 * is left (draft-ietf-httpapi-ratelimit-headers-10).
 */
import type { FastifyReply } from 'fastify'
import type { Services } from '../application/services.ts'
import type { Caller } from '../domain/access.ts'
import { type Allowance, purposeOf, type RatePurpose, tooManyCalls } from '../domain/rate-limits.ts'
import { RefusedError } from '../domain/refusal.ts'
import { addressBlockOf } from '../platform/address-block.ts'
import { assert } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import { pathsIn } from './called-paths.ts'

type Needs = Pick<Services, 'rateLimits' | 'metrics'>

/** @returns RATE_LIMITED, before anybody's proof is looked at; null: go on */
export function blockRefusal(services: Needs, address: string, calls: number): RefusedError | null {
  return refusalIn(services, services.rateLimits.takeFromBlock(addressBlockOf(address), calls))
}

export type CallsAsked = {
  readonly caller: Caller | null
  readonly address: string
  /** As asked for: the procedures are named in its path. */
  readonly url: string
}

/** @throws RefusedError RATE_LIMITED */
export async function limitCalls(services: Needs, asked: CallsAsked, reply: FastifyReply) {
  const { caller, address, url } = asked
  // Regions sign each call, and check one another's with a bound of their own.
  assert(caller?.kind !== 'region', 'who signed a call is not counted')
  const who =
    caller === null
      ? { by: 'address' as const, subject: addressBlockOf(address) }
      : { by: 'caller' as const, subject: `${caller.kind} ${caller.id}` }
  for (const [purpose, calls] of byPurpose(url)) {
    const allowance = await services.rateLimits.take({ ...who, purpose, calls })
    void reply.headers(rateHeaders(allowance))
    check(services, allowance)
  }
}

/** Calls of machines and staff for an organisation, once it is known that they may. */
export async function limitOrganisation(services: Needs, organisation: string): Promise<void> {
  const counted = { subject: organisation, purpose: 'browse', calls: 1 } as const
  check(services, await services.rateLimits.take({ by: 'organisation', ...counted }))
}

function check(services: Needs, allowance: Allowance): void {
  const refused = refusalIn(services, allowance)
  if (refused !== null) throw refused
}

function refusalIn({ metrics }: Needs, allowance: Allowance): RefusedError | null {
  if (!allowance.isOver) return null
  metrics.count('frontrow.rate_limited', { by: allowance.by })
  return new RefusedError(tooManyCalls(allowance))
}

function byPurpose(url: string): Map<RatePurpose, number> {
  const counts = new Map<RatePurpose, number>()
  for (const path of pathsIn(url)) {
    const purpose = purposeOf(path)
    counts.set(purpose, (counts.get(purpose) ?? 0) + 1)
  }
  return counts
}

const windowSeconds = limits.rateWindowMs / 1000

function rateHeaders({ by, limit, remaining, endsInMs }: Allowance) {
  return {
    'ratelimit-policy': `"${by}";q=${limit};w=${windowSeconds}`,
    ratelimit: `"${by}";r=${remaining};t=${Math.ceil(endsInMs / 1000)}`,
  }
}
