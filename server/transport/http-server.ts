/**
 * One HTTP server: the tRPC calls, the webhook, keys and health. It reads bodies within bounds,
 * finds out who calls, and leaves every decision to the routers.
 */
import helmet from '@fastify/helmet'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Services } from '../application/services.ts'
import type { Caller } from '../domain/access.ts'
import { limits } from '../platform/limits.ts'
import type { AccessTokens } from './access-tokens.ts'
import { type DevelopmentIssuer, developmentRoutes } from './development-issuer.ts'
import { retryAfterMsOf } from './errors.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { requestIdOf } from './request-id.ts'
import { appRouter } from './routers/index.ts'
import { type StripeWebhook, webhookRoutes } from './webhooks.ts'

export type HttpOptions = {
  readonly services: Services
  readonly accessTokens: AccessTokens
  readonly log: Logger
  readonly readiness: Readiness
  readonly webhook: StripeWebhook
  /** Only in development: gives tokens to whoever asks. */
  readonly developmentIssuer: DevelopmentIssuer | null
  readonly accessKeys: unknown
}

export async function httpServer(options: HttpOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleConnectionMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: { headersTimeout: limits.headersTimeoutMs, maxHeaderSize: limits.headerBytesMax },
    routerOptions: { maxParamLength: 4_096 },
    genReqId: requestIdOf,
    logger: false,
  })
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    done()
  })
  // A connection that stayed open after its last answer would keep a draining server alive.
  app.addHook('onSend', async (_, reply) => {
    if (!options.readiness.accepting()) void reply.header('connection', 'close')
  })
  app.setErrorHandler((error, request, reply) => answerFault({ options, error, request }, reply))
  app.setNotFoundHandler((_, reply) =>
    reply.status(404).send(plainRefusal('NOT_FOUND', 'There is nothing at this address.')),
  )
  trpcRoutes(app, options)
  healthRoutes(app, options.readiness)
  keyRoutes(app, options)
  await app.register((scope) => webhookRoutes(scope, options.webhook))
  if (options.developmentIssuer !== null) developmentRoutes(app, options.developmentIssuer)
  return app
}

function trpcRoutes(app: FastifyInstance, options: HttpOptions): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) =>
    answerTrpc(options, request, reply)
  app.all('/trpc/*', { bodyLimit: limits.bodyBytesMax }, handler)
  // Seat-map files are the only large bodies; only this path takes them, and alone, not in a batch.
  const seatMaps = {
    bodyLimit: limits.seatMapBodyBytesMax,
    // Whoever is nobody is turned away before a large body is read.
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const caller = await callerOf(options.accessTokens, request.headers.authorization)
      if (caller !== null) return
      const refused = plainRefusal('NOT_SIGNED_IN', 'Sign in, or renew your access token.')
      await reply.status(401).send(refused)
    },
  }
  app.post('/trpc/admin.seatMaps.import', seatMaps, handler)
}

async function answerTrpc(
  options: HttpOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (callsIn(request.url) > limits.batchCallsMax) {
    const text = `At most ${limits.batchCallsMax} calls fit into one batch.`
    return reply.status(400).send(plainRefusal('BAD_INPUT', text))
  }
  const log = options.log.child({ requestId: request.id })
  const caller = await callerOf(options.accessTokens, request.headers.authorization)
  const { services } = options
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: fetchRequest(request),
    router: appRouter,
    createContext: () => ({ services, caller, requestId: request.id, log }),
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
  })
  reply.status(response.status)
  for (const [name, value] of response.headers) reply.header(name, value)
  return reply.send(await response.text())
}

/** Calls in a batch: procedures are separated by commas, which may come percent-encoded. */
function callsIn(url: string): number {
  const path = url.split('?', 1)[0] ?? ''
  return path.split(/,|%2c/i).length
}

/** A caller is a verified token, and nothing else says who calls. */
async function callerOf(tokens: AccessTokens, header: string | undefined): Promise<Caller | null> {
  const token = /^Bearer ([A-Za-z0-9._-]{1,4096})$/.exec(header ?? '')?.[1]
  return token === undefined ? null : tokens.verify(token)
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

function keyRoutes(app: FastifyInstance, options: HttpOptions): void {
  const cached = { 'cache-control': 'public, max-age=300' }
  app.get('/.well-known/ticket-keys.json', (_, reply) =>
    reply.headers(cached).send(options.services.ticketCodes.publicKeys),
  )
  app.get('/.well-known/jwks.json', (_, reply) => reply.headers(cached).send(options.accessKeys))
}

type Fault = { options: HttpOptions; error: unknown; request: FastifyRequest }

/** Before a call reaches its procedure: too large, not JSON, timed out. Never a stack. */
function answerFault({ options, error, request }: Fault, reply: FastifyReply): FastifyReply {
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const code = status === 413 ? 'TOO_LARGE' : 'BAD_INPUT'
    const bound = request.routeOptions.bodyLimit ?? limits.bodyBytesMax
    return reply.status(status).send(plainRefusal(code, faultText(status, bound)))
  }
  options.log.error({ requestId: request.id, err: error }, 'a request failed')
  return reply.status(500).send(plainRefusal('INTERNAL', 'Something failed on our side.'))
}

function faultText(status: number, bodyBytesMax: number): string {
  if (status === 413) return `A body may have ${bodyBytesMax} bytes.`
  if (status === 415) return 'Send JSON as application/json.'
  return 'The request could not be read.'
}

/** The same fields as a tRPC error, for what never reached a procedure. */
function plainRefusal(code: string, message: string) {
  const refusal = { code, message, transient: false, retryAfterMs: null, details: null }
  return { error: { message, data: { refusal, issues: null } } }
}
