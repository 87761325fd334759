/** The calls of procedures over HTTP: one request, one or several calls, one caller. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Services } from '../application/services.ts'
import { Session } from '../application/session.ts'
import type { WireAnswer, WireCall } from '../gateways/region-calls/exchange.ts'
import { regionCallHeader } from '../gateways/region-calls/region-call.ts'
import { assert } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import { deadlineHeader, patienceOf } from './call-deadline.ts'
import { blockRefusal, limitCalls } from './call-limits.ts'
import { pathsIn } from './called-paths.ts'
import type { CallsElsewhere } from './calls-elsewhere.ts'
import { addressOf } from './client-address.ts'
import { retryAfterMsOf } from './errors.ts'
import { actingReasonOf, type Identified, identify, type Proofs } from './identify.ts'
import { jsonBoundFault } from './json-bounds.ts'
import { largeUploads } from './large-uploads.ts'
import { answerPassedOn, type Here } from './passed-on-calls.ts'
import { plainRefusal } from './plain-refusal.ts'
import { appRouter } from './routers/index.ts'
import { olderHeader, seenHeader } from './session-headers.ts'
import type { Meta } from './trpc.ts'

export type CallOptions = {
  readonly services: Services
  readonly proofs: Proofs
  readonly log: Logger
  /** null where no other region can be called. */
  readonly elsewhere: CallsElsewhere | null
}

export function trpcRoutes(app: FastifyInstance, options: CallOptions): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) => answer(options, request, reply)
  const config = { access: { kind: 'calls' as const } }
  app.all('/trpc/*', { bodyLimit: limits.bodyBytesMax, config }, handler)
  // Seat-map files are the only large bodies; only this path takes them, and alone, not in a batch.
  const uploads = largeUploads({
    services: options.services,
    identify: async (request) => (await identify(options.proofs, shown(request))).caller,
    rule: importRule(),
  })
  const { onRequest } = uploads
  const seatMaps = { config, bodyLimit: limits.seatMapBodyBytesMax, onRequest }
  app.post(`/trpc/${seatMapImport}`, seatMaps, uploads.handle(handler))
}

const seatMapImport = 'admin.seatMaps.import'
/** For boundBodies(): these have a bound of their own. */
export const isLargeUpload = (url: string) => url === `/trpc/${seatMapImport}`

function importRule() {
  const { access: rule } = appRouter.admin.seatMaps.import._def.meta as Meta
  assert(rule?.kind === 'role', 'large bodies come from those who have a role')
  return rule
}

async function answer(
  options: CallOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { services, proofs } = options
  const startedMs = services.clock.monotonicMs()
  const calls = pathsIn(request.url).length
  if (calls > limits.batchCallsMax) {
    const text = `At most ${limits.batchCallsMax} calls fit into one batch.`
    return reply.status(400).send(plainRefusal('BAD_INPUT', text))
  }
  const fault = jsonBoundFault(inputOf(request))
  if (fault !== null) return reply.status(400).send(plainRefusal('BAD_INPUT', fault))
  const identified = await identify(proofs, shown(request))
  const { caller, passedOn } = identified
  const address = passedOn?.address ?? addressOf(request)
  const isSigned = passedOn !== null || caller?.kind === 'region'
  if (!isSigned) {
    // A region's calls are not counted, but whoever only looks like one is.
    const refused =
      regionCallHeader in request.headers ? blockRefusal(services, address, calls) : null
    if (refused !== null) throw refused
    await limitCalls(services, { caller, address, url: request.url }, reply)
  }
  // Made when it is needed: what is passed on is answered elsewhere.
  let own: Here | null = null
  const here: Here = (wire, refused) => {
    own ??= hereFor(options, request, { ...identified, address })
    return own(wire, refused)
  }
  const wire = wireFrom(request)
  if (passedOn !== null) {
    return write(reply, await answerPassedOn(services, { wire, leftMs: passedOn.leftMs }, here))
  }
  if (options.elsewhere === null || caller?.kind === 'region') {
    return write(reply, await here(wire))
  }
  const asked = {
    wire,
    caller,
    address,
    headers: headersToPassOn(request),
    actingReason: actingReasonOf(request.headers['x-acting-reason']),
    deadlineMs: startedMs + patienceOf(request.headers[deadlineHeader]),
    gone: goneSignal(reply),
  }
  return write(reply, await options.elsewhere.answer(asked, here))
}

/** A caller who hung up waits no longer, and must not be waited for. */
function goneSignal({ raw }: FastifyReply): () => AbortSignal {
  let gone: AbortController | null = null
  return () => {
    if (gone !== null) return gone.signal
    const made = new AbortController()
    if (raw.destroyed) made.abort()
    raw.once('close', () => made.abort())
    gone = made
    return made.signal
  }
}

type Known = Identified & { readonly address: string }
type AskedBy = Pick<FastifyRequest, 'id' | 'headers'>

/** The procedures of this server, for this request. */
export function hereFor({ services, log }: CallOptions, request: AskedBy, known: Known): Here {
  const { caller, passedOn, address } = known
  // What use-cases log for a request says which one it was.
  const by = passedOn === null ? {} : { passedOnBy: passedOn.by }
  const requestLog = log.child({ requestId: request.id, ...by })
  const seen = request.headers[seenHeader]
  const session = new Session(typeof seen === 'string' ? seen : undefined)
  const context = {
    session,
    services: { ...services, log: requestLog },
    caller,
    requestId: request.id,
    address,
    actingReason:
      passedOn === null
        ? actingReasonOf(request.headers['x-acting-reason'])
        : passedOn.actingReason,
    log: requestLog,
  }
  return async (wire, refused) => {
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: fetchRequest(request, wire),
      router: appRouter,
      createContext: () => ({ ...context, refused: refused ?? null }),
      responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
    })
    const { status, headers } = response
    const body = await response.text()
    // tRPC says it of lines; here they are whole, and an answer has one length.
    headers.delete('transfer-encoding')
    const said = { ...Object.fromEntries(headers), ...sessionHeaders(session) }
    return { status, headers: said, body }
  }
}

/** Once all calls are done: what this answer showed, and whether it is older than what was seen. */
function sessionHeaders({ token, isOlder }: Session): Record<string, string> {
  return {
    ...(token === null ? {} : { [seenHeader]: token }),
    ...(isOlder ? { [olderHeader]: 'true' } : {}),
  }
}

function write(reply: FastifyReply, { status, headers, body }: WireAnswer): FastifyReply {
  reply.status(status)
  for (const [name, value] of Object.entries(headers)) {
    // What the answer depends on is said by several: CORS said its part before.
    reply.header(name, name === 'vary' ? varied(reply.getHeader(name), value) : value)
  }
  return reply.send(body)
}

type Header = ReturnType<FastifyReply['getHeader']>

function varied(before: Header, value: string): string {
  const names = [before ?? '', value].flat().join(',').split(',')
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))].join(', ')
}

function wireFrom(request: FastifyRequest): WireCall {
  const { method, url, body } = shown(request)
  return { method, url, body }
}

/** Who calls is said by our signature; the rest is what tRPC and traces read. */
const passedHeaders = [
  'content-type',
  'accept',
  'trpc-accept',
  'traceparent',
  'tracestate',
  seenHeader,
]

function headersToPassOn({ id, headers }: FastifyRequest): Record<string, string> {
  const passed: Record<string, string> = { 'x-request-id': id }
  for (const name of passedHeaders) {
    const value = headers[name]
    if (typeof value === 'string') passed[name] = value
  }
  return passed
}

export function shown({ method, url, headers, raw, body }: FastifyRequest) {
  const { rawHeaders } = raw
  return { method, url, headers, rawHeaders, body: typeof body === 'string' ? body : '' }
}

/** The JSON that a query carries in its address; '' where there is none. */
function inputOf({ query }: FastifyRequest): string {
  const input = (query as Readonly<Record<string, unknown>>)['input']
  return Array.isArray(input) ? input.join(',') : typeof input === 'string' ? input : ''
}

function fetchRequest(request: AskedBy, { method, url: path, body }: WireCall): Request {
  const url = new URL(path, 'http://frontrow.internal')
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(url, { method, headers, ...(hasBody ? { body } : {}) })
}

/** The longest wait that any of the calls asks for, in whole seconds, as HTTP wants it. */
function retryHeaders(errors: readonly { readonly cause?: unknown }[]): Record<string, string> {
  const waits = errors.map((error) => retryAfterMsOf(error.cause))
  const longestMs = Math.max(0, ...waits)
  return longestMs > 0 ? { 'retry-after': String(Math.ceil(longestMs / 1000)) } : {}
}
