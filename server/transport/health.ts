/**
 * Liveness is the process alone; readiness is what it needs to sell. A slow database does not flip
 * readiness: after the loss of a node CockroachDB waits for some 20 s, and taking every server out
 * of rotation then would turn a pause into an outage.
 */
import type { FastifyInstance } from 'fastify'

export type Readiness = {
  /** False once the server drains. */
  readonly accepting: () => boolean
  readonly facts: () => Promise<Readonly<Record<string, unknown>>>
  /** The parts without which nothing can be sold, each answering within its own bound. */
  readonly missing: () => Promise<readonly string[]>
}

export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  const open = { config: { access: { kind: 'public' } } } as const
  const fresh = { 'cache-control': 'no-store' }
  app.get('/livez', open, (_, reply) => reply.headers(fresh).send({ status: 'alive' }))
  app.get('/readyz', open, async (_, reply) => {
    const missing = await readiness.missing()
    const ready = readiness.accepting() && missing.length === 0
    const status = ready ? 'ready' : readiness.accepting() ? 'not ready' : 'draining'
    const body = { status, missing, ...(await readiness.facts()) }
    return reply
      .status(ready ? 200 : 503)
      .headers(fresh)
      .send(body)
  })
}
