/**
 * The door before the only large bodies, seat-map files: nobody's is read who could not import one
 * anywhere, and few are read at once. The organisation stands in the body, so the procedure's own
 * gate decides afterwards; this one keeps memory bounded until then.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../application/services.ts'
import { type AccessRule, type Caller, roleCovers } from '../domain/access.ts'
import { refusalTable } from '../domain/refusals/refusal-table.ts'
import { regionCallHeader } from '../gateways/region-calls/region-call.ts'
import { limits } from '../platform/limits.ts'
import { plainRefusal } from './plain-refusal.ts'

type RoleRule = AccessRule & { readonly kind: 'role' }
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

export type LargeUploadOptions = {
  readonly services: Pick<Services, 'members' | 'metrics'>
  readonly identify: (request: FastifyRequest) => Promise<Caller | null>
  /** Of the procedure that takes them. */
  readonly rule: RoleRule
}

/** To be called once for the route: its places are shared by all of its requests. */
export function largeUploads(options: LargeUploadOptions) {
  const places = new UploadPlaces()
  return {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      // A region's signature is over the body, which nobody is let in to send unread.
      if (regionCallHeader in request.headers) {
        return refuse(reply, 'NOT_ALLOWED', 'Seat maps are imported by persons and by keys.')
      }
      const caller = await options.identify(request)
      if (caller === null) {
        return refuse(reply, 'NOT_SIGNED_IN', 'Sign in, or renew your access token.')
      }
      if (!(await couldImport(options, caller))) {
        return refuse(reply, 'NOT_ALLOWED', 'Your role does not allow this.')
      }
      if (places.take(`${caller.kind} ${callerId(caller)}`, reply)) return undefined
      options.services.metrics.count('frontrow.refusals', { code: 'RATE_LIMITED' })
      return refuse(reply, 'RATE_LIMITED', 'Other seat maps are on their way. Try again soon.')
    },
    handle:
      (handler: Handler): Handler =>
      (request, reply) =>
        places.keepFor(reply, handler(request, reply)),
  }
}

function refuse(
  reply: FastifyReply,
  code: 'NOT_ALLOWED' | 'NOT_SIGNED_IN' | 'RATE_LIMITED',
  text: string,
): FastifyReply {
  const waitMs = code === 'RATE_LIMITED' ? limits.uploadRetryAfterMs : undefined
  if (waitMs !== undefined) void reply.header('retry-after', Math.ceil(waitMs / 1000))
  return reply.status(refusalTable[code].status).send(plainRefusal(code, text, waitMs))
}

/** Whether there is any organisation at all for which the rule would let this caller in. */
async function couldImport({ services, rule }: LargeUploadOptions, caller: Caller) {
  if (caller.kind === 'region') return false
  if (caller.kind === 'machine') return rule.scope !== null && caller.scopes.has(rule.scope)
  const { roles, platformAdmin } = await services.members.standingOf(caller.id)
  return platformAdmin || [...roles.values()].some((role) => roleCovers(role, rule.role))
}

function callerId(caller: Caller): string {
  return caller.kind === 'region' ? caller.region : caller.id
}

/** A place is taken until the answer is over and nobody works on the body any more. */
class UploadPlaces {
  readonly #byCaller = new Map<string, number>()
  readonly #working = new WeakMap<FastifyReply, Promise<unknown>>()
  #taken = 0

  take(caller: string, reply: FastifyReply): boolean {
    const own = this.#byCaller.get(caller) ?? 0
    if (this.#taken >= limits.uploadsMax || own >= limits.uploadsPerCallerMax) return false
    // Who hung up while their proof was looked at never closes again.
    if (reply.raw.closed || reply.raw.destroyed) return false
    this.#taken += 1
    this.#byCaller.set(caller, own + 1)
    const leave = () => this.#leave(caller)
    reply.raw.once('close', () => {
      const working = this.#working.get(reply)
      if (working === undefined) leave()
      else working.then(leave, leave)
    })
    return true
  }

  keepFor<Answer>(reply: FastifyReply, work: Promise<Answer>): Promise<Answer> {
    this.#working.set(reply, work)
    return work
  }

  #leave(caller: string): void {
    this.#taken -= 1
    const left = (this.#byCaller.get(caller) ?? 1) - 1
    if (left === 0) this.#byCaller.delete(caller)
    else this.#byCaller.set(caller, left)
  }
}
