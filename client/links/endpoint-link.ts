/**
 * The last link: sends a call to one endpoint and remembers whether it answered.
 *
 * Queries of one tick share a request, since pages ask for many small things at once. Mutations go
 * alone: none waits for the slowest of its batch, a lost answer leaves one outcome unknown and not
 * ten, and a large seat-map file is alone as the server demands.
 */
import { httpBatchLink, httpLink, splitLink, type TRPCLink } from '@trpc/client'
import type { AppRouter } from '../api.ts'
import { clientLimits } from '../client-limits.ts'
import type { Endpoint, EndpointList } from '../endpoint-list.ts'
import { failureOf } from '../failure.ts'
import type { TokenSource } from '../token-source.ts'
import { type Fetch, wholeAnswerFetch } from '../whole-answer-fetch.ts'
import { asyncLink, orAborted, sendThrough } from './async-link.ts'

export type EndpointLinkOptions = {
  readonly endpoints: EndpointList
  readonly tokens: TokenSource
  readonly fetch: Fetch
}

export function endpointLink(options: EndpointLinkOptions): TRPCLink<AppRouter> {
  const { endpoints } = options
  const senders = new Map(
    endpoints.all.map((endpoint) => [endpoint, sendThrough(httpTo(endpoint, options))]),
  )
  return asyncLink(async (op, send) => {
    const endpoint = endpoints.next()
    try {
      const envelope = await orAborted((senders.get(endpoint) ?? send)(op), op.signal)
      endpoints.answered(endpoint)
      return envelope
    } catch (cause) {
      if (failureOf(cause).endpointFailed) endpoints.failed(endpoint)
      throw cause
    }
  })
}

function httpTo(endpoint: Endpoint, { tokens, fetch }: EndpointLinkOptions): TRPCLink<AppRouter> {
  const options = {
    url: endpoint.trpcUrl,
    fetch: wholeAnswerFetch(fetch),
    headers: async (): Promise<Record<string, string>> => {
      const token = await tokens.current()
      return token === null ? {} : { authorization: `Bearer ${token}` }
    },
  }
  const { batchCallsMax: maxItems, urlCharactersMax: maxURLLength } = clientLimits
  return splitLink<AppRouter>({
    condition: (op) => op.type === 'query',
    true: httpBatchLink<AppRouter>({ ...options, maxItems, maxURLLength }),
    false: httpLink<AppRouter>(options),
  })
}
