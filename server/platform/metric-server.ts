/** The port on which Prometheus reads /metrics. Nothing else is served there, and to nobody else. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits } from './limits.ts'
import { contentTypes, type TextFormat } from './metric-text.ts'

export type MetricServerOptions = {
  readonly host: string
  readonly port: number
  readonly text: (format: TextFormat) => Promise<string>
}

export type MetricServer = AsyncDisposable & { readonly port: number }

/** @throws Error when the port is taken */
export async function startMetricServer(options: MetricServerOptions): Promise<MetricServer> {
  const server = createServer(
    {
      requestTimeout: limits.headersTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    (request, response) => void answer(options, request, response),
  )
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

async function answer(
  { text }: MetricServerOptions,
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
