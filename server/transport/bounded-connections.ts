/**
 * Connections within bounds: how many, how many of one address block, how many requests each has
 * open, how long an answer may take to be read; and a plain answer of our shape for what is not
 * HTTP at all, as far as HTTP allows one.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { addressBlockOf } from '../platform/address-block.ts'
import { limits } from '../platform/limits.ts'
import { plainRefusal } from './plain-refusal.ts'
import { closeSlowly, type LingerBounds } from './unread-bodies.ts'

/** In limits.ts each has its why. Tests set their own, so that they need not wait. */
export type ConnectionBounds = LingerBounds & {
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleConnectionMs: number
  readonly keepAliveMs: number
  readonly connectionsCheckMs: number
  readonly answerMs: number
  readonly connectionsMax: number
  readonly connectionsPerBlockMax: number
}

/** Answers that are not yet over, by connection. */
const open = new WeakMap<Socket, Set<ServerResponse>>()

/** To be called before the first route. */
export function boundConnections(app: FastifyInstance, bounds: ConnectionBounds): void {
  app.server.maxConnections = bounds.connectionsMax
  // Header lines are counted by contentFault, which refuses; node would leave some out.
  app.server.maxHeadersCount = 0
  boundBlocks(app, bounds)
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    const answers = open.get(socket) ?? new Set()
    open.set(socket, answers.add(reply.raw))
    const timer = setTimeout(() => socket.destroy(), bounds.answerMs).unref()
    reply.raw.once('close', () => {
      clearTimeout(timer)
      answers.delete(reply.raw)
    })
    if (answers.size <= limits.pipelinedMax) return done()
    reply.hijack()
    socket.destroy()
  })
}

function boundBlocks({ server }: FastifyInstance, bounds: ConnectionBounds): void {
  const byBlock = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const block = addressBlockOf(socket.remoteAddress ?? '')
    const before = byBlock.get(block) ?? 0
    if (before >= bounds.connectionsPerBlockMax) return socket.destroy()
    byBlock.set(block, before + 1)
    socket.once('close', () => {
      const left = (byBlock.get(block) ?? 1) - 1
      if (left === 0) byBlock.delete(block)
      else byBlock.set(block, left)
    })
    return undefined
  })
}

const ownAnswers: Readonly<Record<string, readonly [status: string, text: string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `Headers may have ${limits.headerBytesMax} bytes.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'Chunks have too many extensions.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
}
const unreadable = ['400 Bad Request', 'The request could not be read.'] as const

/** What node could not read as HTTP. The connection ends: what follows on it cannot be trusted. */
export function answerUnreadable(
  error: { readonly code?: string },
  socket: Socket,
  bounds: LingerBounds,
): void {
  const answers = [...(open.get(socket) ?? [])]
  const hasBegun = answers.some(({ headersSent }) => headersSent)
  if (!socket.writable || hasBegun || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, text] = ownAnswers[error.code ?? ''] ?? unreadable
  const body = JSON.stringify(plainRefusal('BAD_INPUT', text))
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  const answer = `${head.join('\r\n')}\r\n\r\n${body}`
  // Who took too long already gets no more time.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.end(answer, () => socket.destroy())
    return
  }
  socket.write(answer)
  closeSlowly(socket, bounds)
}
