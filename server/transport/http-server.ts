/**
 * One HTTP server: the tRPC calls, the webhook, keys and health. It reads bodies within bounds,
 * finds out who calls, and leaves every decision to the routers.
 */
import helmet from '@fastify/helmet'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { refusalTable } from '../domain/refusals/refusal-table.ts'
import { limits } from '../platform/limits.ts'
import { declareRoutes } from './declared-routes.ts'
import { type DevelopmentIssuer, developmentRoutes } from './development-issuer.ts'
import { refusalOf } from './errors.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { observeRequests } from './observed-requests.ts'
import { plainRefusal } from './plain-refusal.ts'
import { readableAddress } from './readable-address.ts'
import { requestIdOf } from './request-id.ts'
import { type CallOptions, trpcRoutes } from './trpc-routes.ts'
import { type StripeWebhook, webhookRoutes } from './webhooks.ts'

export type HttpOptions = CallOptions & {
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
    rewriteUrl: ({ url }) => readableAddress(url ?? '/'),
    logger: false,
  })
  declareRoutes(app)
  observeRequests(app, options.services)
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

function keyRoutes(app: FastifyInstance, options: HttpOptions): void {
  const cached = { 'cache-control': 'public, max-age=300' }
  const open = { config: { access: { kind: 'public' } } } as const
  app.get('/.well-known/ticket-keys.json', open, (_, reply) =>
    reply.headers(cached).send(options.services.ticketCodes.publicKeys),
  )
  app.get('/.well-known/jwks.json', open, (_, reply) =>
    reply.headers(cached).send(options.accessKeys),
  )
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
  // Who calls could not be found out: a machine's key is looked up in the database.
  const refused = refusalOf(error)
  if (refused !== null) {
    const { code, message } = refused
    return reply.status(refusalTable[code].status).send(plainRefusal(code, message))
  }
  options.log.error({ requestId: request.id, err: error }, 'a request failed')
  return reply.status(500).send(plainRefusal('INTERNAL', 'Something failed on our side.'))
}

function faultText(status: number, bodyBytesMax: number): string {
  if (status === 413) return `A body may have ${bodyBytesMax} bytes.`
  if (status === 415) return 'Send JSON as application/json.'
  return 'The request could not be read.'
}
