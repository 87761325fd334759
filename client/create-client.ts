/** Puts the client together: tRPC's typed calls on top, our links below, one way for all calls. */
import { createTRPCClient, type TRPCLink } from '@trpc/client'
import type { Api, AppRouter } from './api.ts'
import type { Checkout } from './buy.ts'
import { buyWith, type Purchase } from './buy.ts'
import { clientLimits } from './client-limits.ts'
import { EndpointList } from './endpoint-list.ts'
import { endpointLink, type OlderAnswer } from './links/endpoint-link.ts'
import { keyLink } from './links/key-link.ts'
import { persistLink } from './links/persist-link.ts'
import { tokenLink } from './links/token-link.ts'
import { type Ports, systemPorts } from './ports.ts'
import { RegionMeasures } from './region-measures.ts'
import { RetryBudget } from './retry-budget.ts'
import { SessionToken, sessionFetch } from './session-token.ts'
import { type Token, TokenSource } from './token-source.ts'
import type { Fetch } from './whole-answer-fetch.ts'

export type ClientOptions = {
  /** Base URLs of the regions, such as `https://eu.tickets.example`. */
  readonly endpoints: readonly string[]
  /**
   * Whether the nearest healthy endpoint is used, by measuring; the default. False: the first
   * healthy one in the order given.
   */
  readonly nearest?: boolean
  /** An access token, or who gives one; asked again once when the server refuses the last one. */
  readonly token?: Token
  /** One call with all its attempts; a single call may have its own in `context.deadlineMs`. */
  readonly deadlineMs?: number
  /** Sends of one call, the first included; 1 turns retries off. */
  readonly attemptsMax?: number
  /** Makes idempotency keys; random UUIDs unless told (browsers have those on https only). */
  readonly keys?: () => string
  /** Told of each answer that is older than what this client has seen, such as a fan's own order. */
  readonly onOlder?: (answer: OlderAnswer) => void
  readonly fetch?: Fetch
}

export type Client = Api & {
  /** A key for one wish. Keep it as long as the wish, also over restarts, and give it each time. */
  readonly newKey: () => string
  /** Seats, checkout and payment in one call that can be repeated with its key. */
  readonly buy: (purchase: Purchase) => Promise<Checkout>
  /** What has been seen, kept by the client; a page may keep it over reloads and set it again. */
  readonly session: Session
}

/** `seen` is opaque and no secret; null: nothing has been seen. */
export type Session = { seen: string | null }

/** @throws TypeError an option that cannot work */
export function createClient(options: ClientOptions): Client {
  return createClientWith(options, systemPorts)
}

/** The same with other clocks and chance, for tests. */
export function createClientWith(options: ClientOptions, ports: Ports): Client {
  const newKey = options.keys ?? (() => crypto.randomUUID())
  const session = new SessionToken()
  const links = linksOf({ options, newKey, session }, ports)
  const calls = createTRPCClient<AppRouter>({ links })
  const parts = Object.keys(apiParts) as (keyof Api)[]
  const api = Object.fromEntries(parts.map((part) => [part, calls[part]])) as unknown as Api
  return { ...api, newKey, buy: (purchase) => buyWith(api, purchase), session }
}

/** What tRPC's client is asked for by name: a router that is missing here does not compile. */
const apiParts: Readonly<Record<keyof Api, true>> = {
  accounts: true,
  admin: true,
  checkout: true,
  events: true,
  holds: true,
  invitations: true,
  orders: true,
  organisations: true,
  tickets: true,
}

type Parts = {
  readonly options: ClientOptions
  readonly newKey: () => string
  readonly session: SessionToken
}

function linksOf({ options, newKey, session }: Parts, ports: Ports): TRPCLink<AppRouter>[] {
  const {
    token = null,
    deadlineMs = clientLimits.deadlineMs,
    attemptsMax = clientLimits.attemptsMax,
    onOlder = () => {},
    fetch = (url, init) => globalThis.fetch(url, init),
  } = options
  const { nowMs } = ports
  // With one endpoint there is nothing to choose, and nothing is measured.
  const nearest = options.nearest !== false && options.endpoints.length > 1
  const endpoints = new EndpointList(options.endpoints, { nowMs, nearest })
  const measures = new RegionMeasures({ endpoints, fetch, ports, nearest })
  const tokens = new TokenSource(token)
  const budget = new RetryBudget()
  const calls = sessionFetch(fetch, session)
  return [
    keyLink(newKey),
    persistLink({ deadlineMs, attemptsMax, endpoints, measures, ports, budget }),
    tokenLink(tokens),
    endpointLink({ endpoints, tokens, session, onOlder, fetch: calls, nowMs }),
  ]
}
