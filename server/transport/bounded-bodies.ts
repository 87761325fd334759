/**
 * Bodies that are on their way or being worked on, all together within bounds. Small ones always
 * come in: calls of fans are small, and their number is bounded by that of connections. A larger
 * one is turned away when too many bytes of larger ones are held already, by their true length.
 */
import { Transform, type TransformCallback } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RefusedError, refusal } from '../domain/refusal.ts'
import { limits } from '../platform/limits.ts'

/** To be called before the first route. Routes that bound their bodies in another way are left out. */
export function boundBodies(app: FastifyInstance, isBoundElsewhere: (url: string) => boolean) {
  let heldBytes = 0
  app.addHook('preParsing', async (request, reply, payload) => {
    if (isSmallBody(request) || isBoundElsewhere(request.routeOptions.url ?? '')) {
      return payload
    }
    let bytes = 0
    reply.raw.once('close', () => {
      heldBytes -= bytes
    })
    const counted = new Transform({
      transform(chunk: Buffer, _, next: TransformCallback) {
        const isFull = bytes + chunk.length > limits.bodyBytesSmallMax
        if (isFull && heldBytes + chunk.length > limits.bodyBytesHeldMax) {
          return next(tooManyBytes())
        }
        bytes += chunk.length
        heldBytes += chunk.length
        return next(null, chunk)
      },
    })
    // Not by pipeline(): it would destroy the connection that the refusal goes out on.
    payload.on('error', (cause) => counted.destroy(cause))
    return payload.pipe(counted)
  })
}

function tooManyBytes(): RefusedError {
  return new RefusedError({
    ...refusal('RATE_LIMITED', 'Many large calls are on their way. Try again soon.'),
    retryAfterMs: limits.uploadRetryAfterMs,
  })
}

/** By what it says of its length, which node holds it to. */
export function isSmallBody({ headers }: FastifyRequest): boolean {
  if (headers['transfer-encoding'] !== undefined) return false
  return Number(headers['content-length'] ?? 0) <= limits.bodyBytesSmallMax
}
