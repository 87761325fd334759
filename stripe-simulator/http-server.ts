/**
 * Sockets in, sockets out: reads a bounded body, asks the handler, writes what it says, or breaks
 * the connection when a fault demands it. Knows nothing of payments.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { limits } from './limits.ts'
import type { WireRequest, WireResponse } from './wire.ts'

export type Handler = (request: WireRequest) => WireResponse | Promise<WireResponse>

export interface HttpServerOptions {
  readonly handler: Handler
  readonly onError: (error: unknown) => void
}

export function createHttpServer({ handler, onError }: HttpServerOptions): Server {
  const server = createServer((incoming, outgoing) => {
    respond(handler, incoming, outgoing).catch((error: unknown) => {
      onError(error)
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    })
  })
  server.keepAliveTimeout = limits.keepAliveMs
  server.headersTimeout = limits.keepAliveMs + 1_000
  return server
}

async function respond(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming)
  if (body === undefined) {
    outgoing.writeHead(413, { connection: 'close' }).end()
    return
  }
  const [path, query] = splitOnce(incoming.url ?? '/')
  const { method = 'GET', headers } = incoming
  const response = await handler({ method, path, query, body, headers })
  switch (response.kind) {
    case 'send': {
      const length = Buffer.byteLength(response.body)
      outgoing.writeHead(response.status, { ...response.headers, 'content-length': length })
      outgoing.end(response.body)
      return
    }
    case 'reset':
      incoming.socket.resetAndDestroy()
      return
    case 'hang':
      closeLater(incoming, response.closeAfterMs)
  }
}

function splitOnce(url: string): [string, string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

/** Undefined when it is too large or the sender went away. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  if (incoming.method === 'GET') return ''
  return await new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limits.requestBodyBytes) resolve(undefined)
      else chunks.push(chunk)
    })
    incoming.on('end', () => {
      const [only] = chunks
      resolve((chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString())
    })
    incoming.on('error', () => resolve(undefined))
    incoming.on('close', () => resolve(undefined))
  })
}

function closeLater({ socket }: IncomingMessage, afterMs: number): void {
  const timer = setTimeout(() => socket.destroy(), afterMs)
  socket.once('close', () => clearTimeout(timer))
}
