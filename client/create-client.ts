/** Puts the client together: tRPC's typed calls on top, our links below, one way for all calls. */
import { createTRPCClient, type TRPCLink } from '@trpc/client'
import type { Api, AppRouter } from './api.ts'
import type { Checkout } from './buy.ts'
import { buyWith, type Purchase } from './buy.ts'
import { clientLimits } from './client-limits.ts'
import { EndpointList } from './endpoint-list.ts'
import { endpointLink } from './links/endpoint-link.ts'
import { keyLink } from './links/key-link.ts'
import { persistLink } from './links/persist-link.ts'
import { tokenLink } from './links/token-link.ts'
import { type Ports, systemPorts } from './ports.ts'
import { RetryBudget } from './retry-budget.ts'
import { type Token, TokenSource } from './token-source.ts'
import type { Fetch } from './whole-answer-fetch.ts'

export type ClientOptions = {
  /** Base URLs in order of preference, such as `https://eu.tickets.example`; the next one helps. */
  readonly endpoints: readonly string[]
  /** An access token, or who gives one; asked again once when the server refuses the last one. */
  readonly token?: Token
  /** One call with all its attempts; a single call may have its own in `context.deadlineMs`. */
  readonly deadlineMs?: number
  /** Sends of one call, the first included; 1 turns retries off. */
  readonly attemptsMax?: number
  /** Makes idempotency keys; random UUIDs unless told (browsers have those on https only). */
  readonly keys?: () => string
  readonly fetch?: Fetch
}

export type Client = Api & {
  /** A key for one wish. Keep it as long as the wish, also over restarts, and give it each time. */
  readonly newKey: () => string
  /** Seats, checkout and payment in one call that can be repeated with its key. */
  readonly buy: (purchase: Purchase) => Promise<Checkout>
}

/** @throws TypeError an option that cannot work */
export function createClient(options: ClientOptions): Client {
  return createClientWith(options, systemPorts)
}

/** The same with other clocks and chance, for tests. */
export function createClientWith(options: ClientOptions, ports: Ports): Client {
  const newKey = options.keys ?? (() => crypto.randomUUID())
  const links = linksOf({ ...options, keys: newKey }, ports)
  const calls = createTRPCClient<AppRouter>({ links })
  const parts = Object.keys(apiParts) as (keyof Api)[]
  const api = Object.fromEntries(parts.map((part) => [part, calls[part]])) as unknown as Api
  return { ...api, newKey, buy: (purchase) => buyWith(api, purchase) }
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

function linksOf(
  options: ClientOptions & { readonly keys: () => string },
  ports: Ports,
): TRPCLink<AppRouter>[] {
  const {
    token = null,
    deadlineMs = clientLimits.deadlineMs,
    attemptsMax = clientLimits.attemptsMax,
    fetch = (url, init) => globalThis.fetch(url, init),
  } = options
  const endpoints = new EndpointList(options.endpoints, ports.nowMs)
  const tokens = new TokenSource(token)
  return [
    keyLink(options.keys),
    persistLink({ deadlineMs, attemptsMax, endpoints, ports, budget: new RetryBudget() }),
    tokenLink(tokens),
    endpointLink({ endpoints, tokens, fetch }),
  ]
}
