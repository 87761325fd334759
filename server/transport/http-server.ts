/**
 * One HTTP server: the tRPC calls, the webhook, keys and health. It reads bodies within bounds,
 * finds out who calls, and leaves every decision to the routers.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { RefusedError, refusal } from '../domain/refusal.ts'
import { refusalTable } from '../domain/refusals/refusal-table.ts'
import { groupPath } from '../gateways/region-calls/call-group.ts'
import { regionCallHeader } from '../gateways/region-calls/region-call.ts'
import { limits } from '../platform/limits.ts'
import { boundBodies } from './bounded-bodies.ts'
import { answerUnreadable, boundConnections, type ConnectionBounds } from './bounded-connections.ts'
import { blockRefusal } from './call-limits.ts'
import { pathsIn } from './called-paths.ts'
import { addressOf } from './client-address.ts'
import { asideRefusal } from './clock-aside.ts'
import { contentFault } from './content-rules.ts'
import { declareRoutes } from './declared-routes.ts'
import { type DevelopmentIssuer, developmentRoutes } from './development-issuer.ts'
import { refusalOf, waitOf } from './errors.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { jsonBoundFault } from './json-bounds.ts'
import { observeRequests } from './observed-requests.ts'
import { passedOnGroups } from './passed-on-groups.ts'
import { plainRefusal } from './plain-refusal.ts'
import { readableAddress } from './readable-address.ts'
import { requestIdOf } from './request-id.ts'
import { secureHeaders, type WebSettings } from './secure-headers.ts'
import { type CallOptions, isLargeUpload, trpcRoutes } from './trpc-routes.ts'
import { boundUnreadBodies } from './unread-bodies.ts'
import { type StripeWebhook, webhookRoutes } from './webhooks.ts'

export type HttpOptions = CallOptions & {
  readonly readiness: Readiness
  /** Whether this server steps aside until its wall clock is right. */
  readonly isClockOff: () => boolean
  readonly webhook: StripeWebhook
  /** Only in development: gives tokens to whoever asks. */
  readonly developmentIssuer: DevelopmentIssuer | null
  readonly accessKeys: unknown
  readonly web: WebSettings
  /** Those of limits.ts unless told. */
  readonly bounds?: Partial<ConnectionBounds>
}

/** Where calls of other regions come. */
const signedRoutes: ReadonlySet<string> = new Set(['/trpc/*', groupPath])
const uncounted: ReadonlySet<string> = new Set(['/livez', '/readyz', '/webhooks/stripe'])

export async function httpServer(options: HttpOptions): Promise<FastifyInstance> {
  const bounds: ConnectionBounds = { ...limits, ...options.bounds }
  const { trustedProxies } = options.web
  const app = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: bounds.requestTimeoutMs,
    connectionTimeout: bounds.idleConnectionMs,
    keepAliveTimeout: bounds.keepAliveMs,
    http: {
      headersTimeout: bounds.headersTimeoutMs,
      maxHeaderSize: limits.headerBytesMax,
      connectionsCheckingInterval: bounds.connectionsCheckMs,
      insecureHTTPParser: false,
    },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, bounds),
    routerOptions: { maxParamLength: 4_096 },
    genReqId: requestIdOf,
    rewriteUrl: ({ url }) => readableAddress(url ?? '/'),
    logger: false,
  })
  declareRoutes(app)
  observeRequests(app, options.services)
  boundConnections(app, bounds)
  boundBodies(app, isLargeUpload)
  boundUnreadBodies(app, bounds)
  await secureHeaders(app, options.web)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    const fault = jsonBoundFault(String(body))
    if (fault === null) done(null, body)
    else done(new RefusedError(refusal('BAD_INPUT', fault)))
  })
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    const fault = contentFault(request)
    if (fault !== null) {
      void reply.status(fault.status).send(plainRefusal('BAD_INPUT', fault.text))
      return
    }
    const aside = options.isClockOff() ? asideRefusal(options.services, request) : null
    if (aside !== null) return done(aside)
    // Balancers ask for health, and Stripe's letters are counted once they turn out forged.
    if (uncounted.has(request.routeOptions.url ?? '')) return done()
    // Whether a region signed it shows with its body; until then it is looked at and not counted.
    const mayBeSigned =
      regionCallHeader in request.headers && signedRoutes.has(request.routeOptions.url ?? '')
    const calls = mayBeSigned ? 0 : pathsIn(request.url).length
    done(blockRefusal(options.services, addressOf(request), calls) ?? undefined)
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
  passedOnGroups(app, options)
  healthRoutes(app, options.readiness)
  keyRoutes(app, options)
  await app.register((scope) => webhookRoutes(scope, options))
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
  // Too many bytes, or who calls could not be found out: a machine's key is looked up in the
  // database. Fastify gives any error of a body's stream a status: refusals have their own.
  const refused = refusalOf(error)
  if (refused !== null) {
    const { code, message } = refused
    const waitMs = waitOf(refused)
    if (waitMs !== undefined) void reply.header('retry-after', Math.ceil(waitMs / 1000))
    const body = plainRefusal(code, message, waitMs)
    return reply.status(refusalTable[code].status).send(body)
  }
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
