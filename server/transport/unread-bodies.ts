/**
 * Answers that are given before the body of their request has come: a refusal by what its head
 * says. A small rest is read over, and the connection goes on. A large one is not waited for: the
 * connection ends with the answer, yet slowly, as a web server lingers. Closed at once, the system
 * would reset it for the bytes that come unread, and a caller who still sends would lose the answer.
 */
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { isSmallBody } from './bounded-bodies.ts'

/** How long a caller may go on sending after the answer, and be silent before the end. */
export type LingerBounds = { readonly lingerMs: number; readonly lingerSilenceMs: number }

/** To be called before the first route. */
export function boundUnreadBodies(app: FastifyInstance, bounds: LingerBounds): void {
  app.addHook('onSend', async (request, reply) => {
    const { raw } = request
    const { socket } = raw
    if (!raw.complete) {
      if (!isSmallBody(request)) void reply.header('connection', 'close')
      // Node calls this when the last answer of a connection has gone out, whoever asked for its end.
      socket.destroySoon = () => {
        if (raw.complete) Socket.prototype.destroySoon.call(socket)
        else closeSlowly(socket, bounds)
      }
    }
    if (!raw.readableEnded) reply.raw.once('finish', () => readOver(raw, bounds))
  })
}

/** Reads no more of it as HTTP: what is behind a body that nobody read is nobody's request. */
export function closeSlowly(socket: Socket, bounds: LingerBounds): void {
  if (socket.destroyed) return
  socket.removeAllListeners('data').removeAllListeners('end')
  socket.on('data', () => undefined)
  socket.once('end', () => socket.destroy())
  socket.setTimeout(bounds.lingerSilenceMs, () => socket.destroy())
  const timer = setTimeout(() => socket.destroy(), bounds.lingerMs).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
  socket.end()
}

/** Node does so where nobody began to read; a pipe that began would hold the connection for ever. */
function readOver(raw: IncomingMessage, bounds: LingerBounds): void {
  if (raw.readableEnded || raw.destroyed || raw.socket.writableEnded) return
  raw.unpipe()
  raw.resume()
  if (raw.complete) return
  const timer = setTimeout(() => raw.socket.destroy(), bounds.lingerMs).unref()
  for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer))
}
