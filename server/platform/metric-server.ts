/**
 * The port on which Prometheus reads /metrics. Nothing else is served there, and to nobody else. It
 * has bounds all the same: whoever reaches it by mistake must not take the server's memory or time.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { limits } from './limits.ts'
import { contentTypes, type TextFormat } from './metric-text.ts'

/** In limits.ts each has its why. Tests set their own, so that they need not wait. */
export type MetricBounds = {
  readonly headersTimeoutMs: number
  readonly keepAliveMs: number
  readonly idleConnectionMs: number
  readonly connectionsCheckMs: number
  readonly metricConnectionsMax: number
  readonly metricAnswerMs: number
}

export type MetricServerOptions = {
  readonly host: string
  readonly port: number
  readonly text: (format: TextFormat) => Promise<string>
  /** Those of limits.ts unless told. */
  readonly bounds?: Partial<MetricBounds>
}

export type MetricServer = AsyncDisposable & { readonly port: number }

/** @throws Error when the port is taken */
export async function startMetricServer(options: MetricServerOptions): Promise<MetricServer> {
  const server = boundedServer({ ...limits, ...options.bounds }, sharing(options.text))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function boundedServer(bounds: MetricBounds, text: MetricServerOptions['text']): Server {
  const server = createServer(
    {
      requestTimeout: bounds.headersTimeoutMs,
      headersTimeout: bounds.headersTimeoutMs,
      keepAliveTimeout: bounds.keepAliveMs,
      connectionsCheckingInterval: bounds.connectionsCheckMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    (request, response) => {
      const { socket } = request
      const timer = setTimeout(() => socket.destroy(), bounds.metricAnswerMs).unref()
      response.once('close', () => clearTimeout(timer))
      if (isAnswering.has(socket)) return void socket.destroy()
      isAnswering.add(socket)
      response.once('close', () => isAnswering.delete(socket))
      return void answer(text, request, response)
    },
  )
  server.maxConnections = bounds.metricConnectionsMax
  server.maxHeadersCount = limits.headersMax
  server.setTimeout(bounds.idleConnectionMs)
  return server
}

/** Prometheus asks one thing at a time; whoever sends the next before the answer is not it. */
const isAnswering = new WeakSet<Socket>()

/** All who ask at one time get one text: writing it down is what costs. */
function sharing(text: MetricServerOptions['text']): MetricServerOptions['text'] {
  const underWay = new Map<TextFormat, Promise<string>>()
  return (format) => {
    const known = underWay.get(format)
    if (known !== undefined) return known
    const flight = text(format).finally(() => underWay.delete(format))
    underWay.set(format, flight)
    return flight
  }
}

async function answer(
  text: MetricServerOptions['text'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?', 1)[0]
  if (path !== '/metrics') return void response.writeHead(404).end()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
  }
  const format = formatFor(request.headers.accept)
  try {
    const body = await text(format)
    response.writeHead(200, { 'content-type': contentTypes[format] }).end(body)
  } catch {
    response.writeHead(500).end()
  }
}

/** The older text unless OpenMetrics is asked for by name: Prometheus does, people with curl don't. */
function formatFor(accept: string | undefined): TextFormat {
  return accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus'
}
