/** The calls of procedures over HTTP: one request, one or several calls, one caller. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Services } from '../application/services.ts'
import { assert } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import { limitCalls } from './call-limits.ts'
import { pathsIn } from './called-paths.ts'
import { addressOf } from './client-address.ts'
import { retryAfterMsOf } from './errors.ts'
import { actingReasonOf, identify, type Proofs } from './identify.ts'
import { jsonBoundFault } from './json-bounds.ts'
import { largeUploads } from './large-uploads.ts'
import { plainRefusal } from './plain-refusal.ts'
import { appRouter } from './routers/index.ts'
import type { Meta } from './trpc.ts'

export type CallOptions = {
  readonly services: Services
  readonly proofs: Proofs
  readonly log: Logger
}

export function trpcRoutes(app: FastifyInstance, options: CallOptions): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) => answer(options, request, reply)
  const config = { access: { kind: 'calls' as const } }
  app.all('/trpc/*', { bodyLimit: limits.bodyBytesMax, config }, handler)
  // Seat-map files are the only large bodies; only this path takes them, and alone, not in a batch.
  const uploads = largeUploads({
    services: options.services,
    identify: (request) => identify(options.proofs, shown(request)),
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
  { services, proofs, log }: CallOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (pathsIn(request.url).length > limits.batchCallsMax) {
    const text = `At most ${limits.batchCallsMax} calls fit into one batch.`
    return reply.status(400).send(plainRefusal('BAD_INPUT', text))
  }
  const fault = jsonBoundFault(inputOf(request))
  if (fault !== null) return reply.status(400).send(plainRefusal('BAD_INPUT', fault))
  const caller = await identify(proofs, shown(request))
  const address = addressOf(request)
  await limitCalls(services, { caller, address, url: request.url }, reply)
  // What use-cases log for a request says which one it was.
  const requestLog = log.child({ requestId: request.id })
  const context = {
    services: { ...services, log: requestLog },
    caller,
    requestId: request.id,
    address,
    actingReason: actingReasonOf(request.headers['x-acting-reason']),
    log: requestLog,
  }
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: fetchRequest(request),
    router: appRouter,
    createContext: () => context,
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
  })
  reply.status(response.status)
  for (const [name, value] of response.headers) {
    // What the answer depends on is said by several: CORS said its part before.
    const before = name === 'vary' ? reply.getHeader(name) : undefined
    reply.header(name, before === undefined ? value : `${String(before)}, ${value}`)
  }
  return reply.send(await response.text())
}

function shown({ method, url, headers, raw, body }: FastifyRequest) {
  const { rawHeaders } = raw
  return { method, url, headers, rawHeaders, body: typeof body === 'string' ? body : '' }
}

/** The JSON that a query carries in its address; '' where there is none. */
function inputOf({ query }: FastifyRequest): string {
  const input = (query as Readonly<Record<string, unknown>>)['input']
  return Array.isArray(input) ? input.join(',') : typeof input === 'string' ? input : ''
}

function fetchRequest(request: FastifyRequest): Request {
  const url = new URL(request.url, 'http://frontrow.internal')
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  const body = hasBody ? { body: typeof request.body === 'string' ? request.body : '' } : {}
  return new Request(url, { method: request.method, headers, ...body })
}

/** The longest wait that any of the calls asks for, in whole seconds, as HTTP wants it. */
function retryHeaders(errors: readonly { readonly cause?: unknown }[]): Record<string, string> {
  const waits = errors.map((error) => retryAfterMsOf(error.cause))
  const longestMs = Math.max(0, ...waits)
  return longestMs > 0 ? { 'retry-after': String(Math.ceil(longestMs / 1000)) } : {}
}
