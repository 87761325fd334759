/** The request id: the caller's, if it is harmless, so that logs of several servers join. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const harmless = /^[A-Za-z0-9_-]{8,64}$/

export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && harmless.test(given) ? given : randomUUID()
}
