/**
 * Every HTTP request in a scope and a span of its own, counted by route, method and status. The
 * caller's trace is continued. Paths, queries, headers, bodies and addresses stay out: a stranger
 * may write anything into them, and a fan writes secrets into some.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../platform/clock.ts'
import { type HttpExchange, methodLabel } from '../platform/telemetry.ts'
import { openRequest, type RequestScope } from '../platform/tracing.ts'

export type RequestObserver = {
  readonly clock: Clock
  readonly metrics: { readonly request: (facts: HttpExchange) => void }
}

/** Asked every second by balancers: measured as all are, but no trace is worth it. */
const untraced = new Set(['/livez', '/readyz'])

/** To be called before any other hook is added. Fastify keeps the scope over the reading of bodies. */
export function observeRequests(app: FastifyInstance, observer: RequestObserver): void {
  app.addHook('onRequest', (request, reply, done) => {
    observe(observer, request, reply).enter(done)
  })
}

function observe(
  { clock, metrics }: RequestObserver,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestScope {
  const startedMs = clock.monotonicMs()
  const method = methodLabel(request.method)
  const url = request.routeOptions.url
  const scope = openRequest({
    name: url === undefined ? method : `${method} ${url}`,
    attributes: {
      'http.request.method': method,
      ...(url === undefined ? {} : { 'http.route': url }),
    },
    isTraced: url === undefined || !untraced.has(url),
    traceparent: oneOf(request.headers['traceparent']),
    tracestate: oneOf(request.headers['tracestate']),
  })
  // Comes after the last byte as well as when the caller hangs up, unlike the hook onResponse.
  reply.raw.once('close', () =>
    scope.enter(() => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : null
      const seconds = (clock.monotonicMs() - startedMs) / 1000
      metrics.request({ method, route: url ?? 'none', status, seconds })
      tellStatus(scope, status)
      scope.end()
    }),
  )
  return scope
}

function tellStatus({ span }: RequestScope, status: number | null): void {
  if (status === null) return span.failed('no_answer')
  span.set({ 'http.response.status_code': status })
  if (status >= 500) span.failed(String(status))
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}
