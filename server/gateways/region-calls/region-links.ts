/**
 * Sends signed calls to servers of other regions: connections are kept, bounded by address, and
 * the calls in hand by region; the addresses of a region are tried in their order, and one that
 * failed rests for a moment. It repeats nothing that may have been done, but for a connection that
 * had grown stale; whether to send again is its caller's decision.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'
import type { HttpExchange } from '../../platform/telemetry.ts'
import { traceparentToSend } from '../../platform/trace-context.ts'
import { traced } from '../../platform/tracing.ts'
import { type Exchanged, exchange, type WireAnswer, type WireCall } from './exchange.ts'
import type { PassedOnClaims } from './region-call.ts'
import type { RegionCallSigner } from './region-call-signer.ts'

export type CallToSend = WireCall & {
  /** Name of the region. */
  readonly target: string
  /** Absent: the region's own call. */
  readonly for?: PassedOnClaims
  /** What goes along as it is; `traceparent` gives way to that of the span that is open here. */
  readonly headers: Readonly<Record<string, string>>
  readonly withinMs: number
}

export type Sent =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  /** Nothing can have been done. */
  | { readonly kind: 'unsent' }
  /** It may have been done, or may be yet. */
  | { readonly kind: 'unanswered' }

type Address = { readonly url: URL; restsUntilMs: number }

type Route = { readonly addresses: readonly Address[]; inHand: number }

export type RegionLinksParts = {
  /** Internal addresses of each region that may be called. */
  readonly addresses: ReadonlyMap<string, readonly string[]>
  readonly signer: RegionCallSigner
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly metrics: {
    readonly outbound: (facts: HttpExchange & { readonly server: string }) => void
  }
}

export class RegionLinks {
  readonly #parts: RegionLinksParts
  readonly #routes: ReadonlyMap<string, Route>
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent }

  constructor(parts: RegionLinksParts) {
    this.#parts = parts
    this.#routes = new Map(
      [...parts.addresses].map(([region, urls]) => {
        const addresses = urls.map((url) => ({ url: new URL(url), restsUntilMs: 0 }))
        return [region, { addresses, inHand: 0 }]
      }),
    )
    const bounds = { keepAlive: true, maxSockets: limits.forwardSocketsMax }
    this.#agents = { http: new HttpAgent(bounds), https: new HttpsAgent(bounds) }
  }

  /** Never rejects. A region that is not known, or too busy already, is sent nothing. */
  async send(call: CallToSend): Promise<Sent> {
    const route = this.#routes.get(call.target)
    if (route === undefined || route.inHand >= limits.forwardsPerRegionMax) {
      return { kind: 'unsent' }
    }
    route.inHand += 1
    try {
      return await this.#observed(call, () => this.#tryInOrder(call, route))
    } finally {
      route.inHand -= 1
    }
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  #observed({ target, method }: CallToSend, send: () => Promise<Sent>): Promise<Sent> {
    const { clock, metrics } = this.#parts
    const facts = { 'http.request.method': method, 'frontrow.region': target }
    return traced({ name: `${method} to region`, kind: 'client' }, facts, async (span) => {
      const startedMs = clock.monotonicMs()
      const sent = await send()
      const seconds = (clock.monotonicMs() - startedMs) / 1000
      const status = sent.kind === 'answered' ? sent.answer.status : null
      metrics.outbound({ server: target, method, route: '/trpc/*', status, seconds })
      if (status === null) span.failed(sent.kind)
      else span.set({ 'http.response.status_code': status })
      return sent
    })
  }

  async #tryInOrder(call: CallToSend, { addresses }: Route): Promise<Sent> {
    const { monotonicMs } = this.#parts.clock
    const endsMs = monotonicMs() + call.withinMs
    for (const address of inOrder(addresses, monotonicMs())) {
      const withinMs = endsMs - monotonicMs()
      if (withinMs <= 0) break
      const exchanged = await this.#fresh({ ...call, withinMs }, address)
      if (exchanged.kind === 'answered') return exchanged
      address.restsUntilMs = monotonicMs() + limits.forwardRestMs
      if (exchanged.kind === 'unanswered') return { kind: 'unanswered' }
    }
    return { kind: 'unsent' }
  }

  /** A kept connection may end just as it is used: then once more, on another one. */
  async #fresh(call: CallToSend, address: Address): Promise<Exchanged> {
    const first = await this.#exchange(call, address)
    if (first.kind !== 'unanswered' || !first.isStale) return first
    const second = await this.#exchange(call, address)
    // Of the first nobody knows, whatever became of the second.
    return second.kind === 'unsent' ? first : second
  }

  async #exchange(call: CallToSend, { url: address }: Address): Promise<Exchanged> {
    const { target, method, url, body, headers, withinMs } = call
    const passedOn = call.for === undefined ? {} : { for: call.for }
    const signed = await this.#parts.signer.headersFor({ target, method, url, body, ...passedOn })
    const { traceparent: given, ...others } = headers
    const traceparent = traceparentToSend(given)
    return exchange({
      method,
      url,
      body,
      address,
      withinMs,
      agent: address.protocol === 'https:' ? this.#agents.https : this.#agents.http,
      headers: { ...others, ...signed, ...(traceparent === '' ? {} : { traceparent }) },
    })
  }
}

/** Those that rest come last: they are better than nothing. */
function inOrder(addresses: readonly Address[], nowMs: number): Address[] {
  const isRested = ({ restsUntilMs }: Address) => restsUntilMs <= nowMs
  return [
    ...addresses.filter(isRested),
    ...addresses
      .filter((address) => !isRested(address))
      .toSorted((one, other) => one.restsUntilMs - other.restsUntilMs),
  ]
}
