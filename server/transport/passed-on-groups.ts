/**
 * Calls that another region passed on together: each is answered as if it had come alone, by a line
 * as soon as it is done. The signature over all of them was checked before anything is read.
 */
import { PassThrough } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  callGroup,
  type GroupedCall,
  groupAnswerType,
  groupPath,
  lineOf,
} from '../gateways/region-calls/call-group.ts'
import type { WireAnswer } from '../gateways/region-calls/exchange.ts'
import { limits } from '../platform/limits.ts'
import { openRequest } from '../platform/tracing.ts'
import { blockRefusal } from './call-limits.ts'
import { pathsIn } from './called-paths.ts'
import { addressOf } from './client-address.ts'
import { callOf, identify } from './identify.ts'
import { jsonBoundFault } from './json-bounds.ts'
import { answerPassedOn } from './passed-on-calls.ts'
import { plainRefusal } from './plain-refusal.ts'
import { requestIdOf } from './request-id.ts'
import { type CallOptions, hereFor, shown } from './trpc-routes.ts'

export function passedOnGroups(app: FastifyInstance, options: CallOptions): void {
  const config = { access: { kind: 'region' as const } }
  const bodyLimit = limits.bodyBytesMax
  app.post(groupPath, { bodyLimit, config }, (request, reply) => answer(options, request, reply))
}

async function answer(
  options: CallOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { services, proofs } = options
  const { caller } = await identify(proofs, shown(request))
  if (caller?.kind !== 'region') {
    const refused = blockRefusal(services, addressOf(request), 1)
    if (refused !== null) throw refused
    const [status, code] =
      caller === null ? [401, 'NOT_SIGNED_IN' as const] : [403, 'NOT_ALLOWED' as const]
    return reply.status(status).send(plainRefusal(code, 'Only servers of regions call here.'))
  }
  const calls = callsIn(shown(request).body)
  if (calls === null) {
    return reply.status(400).send(plainRefusal('BAD_INPUT', 'These are no calls to pass on.'))
  }
  const lines = new Lines(calls.length)
  calls.forEach((call, at) => {
    answerOne(options, caller.region, call).then(
      (done) => lines.tell(lineOf(at, done)),
      (cause: unknown) => {
        options.log.error({ err: cause }, 'a call that was passed on failed')
        lines.tell('')
      },
    )
  })
  return reply.type(groupAnswerType).send(lines.stream)
}

function callsIn(body: string): readonly GroupedCall[] | null {
  try {
    return callGroup.safeParse(JSON.parse(body)).data ?? null
  } catch {
    return null
  }
}

async function answerOne(
  options: CallOptions,
  region: string,
  call: GroupedCall,
): Promise<WireAnswer> {
  const { headers, for: claims, ...wire } = call
  const fault =
    pathsIn(wire.url).length > limits.batchCallsMax ? 'Too many calls.' : jsonBoundFault(wire.body)
  if (fault !== null) {
    const body = JSON.stringify(plainRefusal('BAD_INPUT', fault))
    return { status: 400, headers: { 'content-type': 'application/json' }, body }
  }
  const { caller, passedOn } = callOf({ region, passedOn: claims })
  const address = passedOn?.address ?? 'unknown'
  const here = hereFor(
    options,
    { id: requestIdOf({ headers }), headers },
    { caller, passedOn, address },
  )
  const scope = openRequest({
    name: `${wire.method} /trpc/*`,
    attributes: { 'http.request.method': wire.method, 'http.route': '/trpc/*' },
    isTraced: true,
    traceparent: headers['traceparent'],
    tracestate: headers['tracestate'],
  })
  const asked = { wire, leftMs: claims.leftMs }
  try {
    return await scope.enter(() => answerPassedOn(options.services, asked, here))
  } finally {
    scope.end()
  }
}

/** Lines that are there at the same moment are written at once. */
class Lines {
  readonly stream = new PassThrough()
  #missing: number
  #text = ''

  constructor(count: number) {
    this.#missing = count
    // Whoever asked hung up: what they asked for is done all the same, and found by its key.
    this.stream.on('error', () => undefined)
  }

  tell(line: string): void {
    this.#missing -= 1
    if (this.#text === '') setImmediate(() => this.#write())
    this.#text += line === '' ? '\n' : line
  }

  #write(): void {
    const text = this.#text
    this.#text = ''
    if (this.stream.destroyed) return
    if (this.#missing > 0) this.stream.write(text)
    else this.stream.end(text)
  }
}
