/**
 * What every answer tells browsers: nothing here is a page, nothing is kept, and only pages of the
 * origins that the settings name may call. No cookies are used, so CORS never allows credentials.
 */
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { limits } from '../platform/limits.ts'
import { olderHeader, seenHeader } from './session-headers.ts'

/** What stands between this server and its callers. */
export type WebSettings = {
  /** Proxies whose word for a client's address is taken: addresses and networks. */
  readonly trustedProxies: readonly string[]
  /** Where pages are served from that may call us, exactly; none unless told. */
  readonly corsOrigins: readonly string[]
  /** Fans reach us by https and nothing else. */
  readonly isHttpsOnly: boolean
}

const exposed = [
  'x-request-id',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  seenHeader,
  olderHeader,
]
const accepted = [
  'authorization',
  'content-type',
  'x-acting-reason',
  'x-request-id',
  'traceparent',
  seenHeader,
  'x-frontrow-deadline-ms',
]

export async function secureHeaders(app: FastifyInstance, web: WebSettings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    // Said by plain HTTP it means nothing, and on a developer's machine it would lock browsers out.
    strictTransportSecurity: web.isHttpsOnly && { maxAge: limits.httpsOnlySeconds },
    xFrameOptions: { action: 'deny' },
  })
  app.addHook('onRequest', (_, reply, done) => {
    // Tokens, orders and tickets: a route whose answer is everybody's says otherwise.
    void reply.header('cache-control', 'no-store')
    done()
  })
  if (web.corsOrigins.length === 0) return
  await app.register(cors, {
    origin: [...web.corsOrigins],
    credentials: false,
    methods: ['GET', 'POST'],
    allowedHeaders: accepted,
    exposedHeaders: exposed,
    maxAge: limits.preflightSeconds,
    strictPreflight: false,
  })
}
