/**
 * A fetch that answers with a whole JSON body or throws an AttemptError that says what happened:
 * nothing came, it was cut in the middle, or somebody between us and the server answered.
 */
import type { getFetch } from '@trpc/client'
import { AttemptError, type Failure, failure } from './failure.ts'

/** The part of the platform's fetch that the client needs. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

export function wholeAnswerFetch(fetch: Fetch): ReturnType<typeof getFetch> {
  return async (url, { signal, ...init } = {}) => {
    const sent = signal ? { ...init, signal } : init
    const { response, text } = await send(fetch, String(url), sent as RequestInit)
    const body = parse(text)
    if (!isOurs(body)) throw new AttemptError(foreignAnswer(response))
    const { ok, status, headers } = response
    const requestId = headers.get('x-request-id')
    const older = headers.get('x-frontrow-older') === 'true'
    return { ok, status, requestId, older, json: () => Promise.resolve(body) }
  }
}

async function send(fetch: Fetch, url: string, init: RequestInit) {
  try {
    const response = await fetch(url, init)
    return { response, text: await response.text() }
  } catch (cause) {
    const mayBeDone = !neverSent(cause)
    const message = mayBeDone ? 'No whole answer came back.' : 'The server cannot be reached.'
    const seen = { transient: true, mayBeDone, endpoint: 'failed' } as const
    throw new AttemptError(failure('NETWORK', message, seen), { cause })
  }
}

/**
 * Faults after which certainly nothing was sent. Only Node names them (undici puts the system's
 * error into `cause`); in browsers all faults look alike, and so may be done.
 */
const unsentCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

function neverSent(cause: unknown): boolean {
  const inner = cause instanceof Error ? cause.cause : null
  return inner instanceof Error && unsentCodes.has((inner as Error & { code?: unknown }).code)
}

/** A batch, a result, or an error as the server shapes it; not the JSON of a proxy. */
function isOurs(body: unknown): boolean {
  if (Array.isArray(body)) return true
  if (typeof body !== 'object' || body === null) return false
  if ('result' in body) return true
  const error = 'error' in body ? body.error : null
  return typeof error === 'object' && error !== null && 'data' in error
}

/** A proxy's page, or a body that ended too early without anybody noticing. */
function foreignAnswer({ status, headers }: Response): Failure {
  const message = `An answer with status ${status} came that is not of this API.`
  const requestId = headers.get('x-request-id')
  const passing = status < 300 || status >= 500 || status === 408 || status === 429
  if (!passing) return failure('NETWORK', message, { requestId })
  const mayBeDone = status !== 429
  const seen = { requestId, transient: true, endpoint: 'failed', mayBeDone } as const
  return failure('NETWORK', message, { ...seen, retryAfterMs: retryAfterMsOf(headers) })
}

/** Seconds only: the HTTP-date form would trust two clocks. */
function retryAfterMsOf(headers: Headers): number | null {
  const value = headers.get('retry-after')
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
