/**
 * The last link: sends a call to one endpoint and remembers whether it answered.
 *
 * Queries of one tick share a request, since pages ask for many small things at once. Mutations go
 * alone: none waits for the slowest of its batch, a lost answer leaves one outcome unknown and not
 * ten, and a large seat-map file is alone as the server demands.
 */
import { httpBatchLink, httpLink, type Operation, splitLink, type TRPCLink } from '@trpc/client'
import type { AppRouter } from '../api.ts'
import { clientLimits } from '../client-limits.ts'
import { distanceMs, type Endpoint } from '../endpoint.ts'
import type { EndpointList } from '../endpoint-list.ts'
import { failureOf } from '../failure.ts'
import type { SessionToken } from '../session-token.ts'
import type { TokenSource } from '../token-source.ts'
import { type Fetch, wholeAnswerFetch } from '../whole-answer-fetch.ts'
import { asyncLink, type Envelope, orAborted, sendThrough } from './async-link.ts'
import { attemptOf } from './attempt.ts'

/** A call whose answer does not show yet what this client has seen elsewhere. */
export type OlderAnswer = { readonly path: string; readonly input: unknown }

export type EndpointLinkOptions = {
  readonly endpoints: EndpointList
  readonly tokens: TokenSource
  readonly session: SessionToken
  readonly onOlder: (answer: OlderAnswer) => void
  readonly fetch: Fetch
  readonly nowMs: () => number
}

export function endpointLink(options: EndpointLinkOptions): TRPCLink<AppRouter> {
  const { endpoints, onOlder } = options
  const senders = new Map(
    endpoints.all.map((endpoint) => [endpoint, sendThrough(httpTo(endpoint, options))]),
  )
  return asyncLink(async (op, send) => {
    const { endpoint } = attemptOf(op)
    try {
      const envelope = await orAborted((senders.get(endpoint) ?? send)(op), op.signal)
      endpoints.answered(endpoint)
      // A fault of the caller's function is theirs, and does not spoil the answer.
      if (isOlder(envelope)) queueMicrotask(() => onOlder({ path: op.path, input: op.input }))
      return envelope
    } catch (cause) {
      if (failureOf(cause).endpoint === 'failed') endpoints.failed(endpoint)
      throw cause
    }
  })
}

function httpTo(endpoint: Endpoint, options: EndpointLinkOptions): TRPCLink<AppRouter> {
  const http = { url: endpoint.trpcUrl, fetch: wholeAnswerFetch(options.fetch) }
  const { batchCallsMax: maxItems, urlCharactersMax: maxURLLength } = clientLimits
  return splitLink<AppRouter>({
    condition: (op) => op.type === 'query',
    true: httpBatchLink<AppRouter>({
      ...http,
      maxItems,
      maxURLLength,
      headers: ({ opList }) => headersOf(opList, options),
    }),
    false: httpLink<AppRouter>({ ...http, headers: ({ op }) => headersOf([op], options) }),
  })
}

/**
 * Who asks, and until when the answer is of use. Queries of nobody go without: in browsers a
 * header of ours would cost each of them a preflight, and reads wait for no other region.
 */
async function headersOf(
  ops: readonly Operation[],
  { tokens, session, nowMs }: EndpointLinkOptions,
): Promise<Record<string, string>> {
  const token = await tokens.current()
  const isSimple = token === null && session.seen === null && ops.every(isQuery)
  if (isSimple) return {}
  const leftMs = Math.min(...ops.map((op) => usefulUntilMs(op) - nowMs()))
  return {
    'x-frontrow-deadline-ms': String(Math.max(1, Math.floor(leftMs))),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
}

/** An answer that leaves later than this comes too late. */
function usefulUntilMs(op: Operation): number {
  const { endpoint, endsAtMs } = attemptOf(op)
  const wayMs = distanceMs(endpoint)
  return Number.isFinite(wayMs) ? endsAtMs - wayMs : endsAtMs
}

function isQuery({ type }: Operation): boolean {
  return type === 'query'
}

function isOlder({ context }: Envelope): boolean {
  const response = context?.['response']
  return typeof response === 'object' && response !== null && 'older' in response
    ? response.older === true
    : false
}
