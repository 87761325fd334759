/**
 * Stripe's HTTP client with a span and a duration for each request, until the answer's headers are
 * there. Nothing of headers, keys or bodies is kept, and of the path only what all orders share.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
import type Stripe from 'stripe'
import { systemClock } from '../platform/clock.ts'
import type { HttpExchange } from '../platform/telemetry.ts'
import { type OpenSpan, traced } from '../platform/tracing.ts'

export type OutboundExchange = HttpExchange & { readonly server: string }

type Client = InstanceType<typeof Stripe.HttpClient>
type Request = Parameters<Client['makeRequest']>

export function observedClient(
  inner: Client,
  tell: (facts: OutboundExchange) => void = () => undefined,
): Client {
  return {
    getClientName: () => inner.getClientName(),
    makeRequest: (...request) => {
      const [server, , path, method] = request
      const route = templateOf(path)
      const facts = {
        'http.request.method': method,
        'server.address': server,
        'url.template': route,
      }
      return traced({ name: `${method} ${route}`, kind: 'client' }, facts, (span) =>
        send({ inner, span, tell: (rest) => tell({ method, route, server, ...rest }) }, request),
      )
    },
  }
}

type Sending = {
  readonly inner: Client
  readonly span: OpenSpan
  readonly tell: (rest: Pick<HttpExchange, 'status' | 'seconds'>) => void
}

async function send({ inner, span, tell }: Sending, request: Request) {
  const startedMs = systemClock.monotonicMs()
  const seconds = () => (systemClock.monotonicMs() - startedMs) / 1000
  try {
    const response = await inner.makeRequest(...request)
    const status = response.getStatusCode()
    tell({ status, seconds: seconds() })
    span.set({ 'http.response.status_code': status })
    if (status >= 400) span.failed(String(status))
    return response
  } catch (cause) {
    tell({ status: null, seconds: seconds() })
    throw cause
  }
}

/** `/v1/payment_intents/pi_1/capture?x=y` becomes `/v1/payment_intents/{id}/capture`. */
function templateOf(path: string): string {
  const segments = (path.split('?', 1)[0] ?? '').split('/')
  return segments.map((text, place) => (place >= 3 && place % 2 === 1 ? '{id}' : text)).join('/')
}
