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
import { answerIn, groupPath, isGroupable } from './call-group.ts'
import type { CallToSend, Sent } from './call-to-send.ts'
import { type Exchanged, exchange } from './exchange.ts'
import { type GatheredCall, GatheredCalls } from './gathered-calls.ts'
import type { RegionCallSigner } from './region-call-signer.ts'

type Address = { readonly url: URL; restsUntilMs: number }

type Route = {
  readonly addresses: readonly Address[]
  readonly gathered: GatheredCalls
  inHand: number
}

type OnLine = (line: string) => void

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
        const gathered = new GatheredCalls({
          alone: (call) => this.#tryInOrder(call, addresses),
          together: (calls) => this.#sendTogether(calls, addresses),
          clock: parts.clock,
        })
        return [region, { addresses, gathered, inHand: 0 }]
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
      return await this.#observed(call, () => this.#sendTo(route, call))
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

  #sendTo({ addresses, gathered }: Route, call: CallToSend): Promise<Sent> {
    const { for: passedOn, headers } = call
    if (passedOn === undefined || !isGroupable({ ...call, for: passedOn })) {
      return this.#tryInOrder(call, addresses)
    }
    // Of the span that is open now, whoever sends it.
    const { traceparent: given, ...others } = headers
    const traceparent = traceparentToSend(given)
    return gathered.send({
      ...call,
      headers: traceparent === '' ? others : { ...others, traceparent },
    })
  }

  /** Each call has its own deadline; what the request comes to is told to those without a line. */
  async #sendTogether(
    calls: readonly GatheredCall[],
    addresses: readonly Address[],
  ): Promise<void> {
    const target = calls[0]?.call.target ?? ''
    let withinMs = 0
    const ends = calls.map(({ call, settle }) => {
      withinMs = Math.max(withinMs, call.withinMs)
      const timer = setTimeout(() => settle({ kind: 'unanswered' }), call.withinMs)
      return (sent: Sent) => {
        clearTimeout(timer)
        settle(sent)
      }
    })
    const group = calls.map(({ call: { method, url, body, headers, for: passedOn } }) => ({
      method,
      url,
      body,
      headers,
      for: passedOn,
    }))
    const request = {
      target,
      method: 'POST',
      url: groupPath,
      body: JSON.stringify(group),
      headers: { 'content-type': 'application/json' },
      withinMs,
    }
    const sent = await this.#tryInOrder(request, addresses, (line) => {
      const told = answerIn(line)
      if (told !== null) ends[told.at]?.({ kind: 'answered', answer: told.answer })
    })
    // Refused as a whole, and so is each; or the answer is over, and some have no line.
    const isRefused = sent.kind === 'answered' && sent.answer.status !== 200
    for (const end of ends) end(isRefused || sent.kind === 'unsent' ? sent : { kind: 'unanswered' })
  }

  async #tryInOrder(
    call: CallToSend,
    addresses: readonly Address[],
    onLine?: OnLine,
  ): Promise<Sent> {
    const { monotonicMs } = this.#parts.clock
    const endsMs = monotonicMs() + call.withinMs
    for (const address of inOrder(addresses, monotonicMs())) {
      const withinMs = endsMs - monotonicMs()
      if (withinMs <= 0) break
      const exchanged = await this.#fresh({ ...call, withinMs }, address, onLine)
      if (exchanged.kind === 'answered') return exchanged
      address.restsUntilMs = monotonicMs() + limits.forwardRestMs
      if (exchanged.kind === 'unanswered') return { kind: 'unanswered' }
    }
    return { kind: 'unsent' }
  }

  /** A kept connection may end just as it is used: then once more, on another one. */
  async #fresh(call: CallToSend, address: Address, onLine?: OnLine): Promise<Exchanged> {
    const first = await this.#exchange(call, address, onLine)
    if (first.kind !== 'unanswered' || !first.isStale) return first
    const second = await this.#exchange(call, address, onLine)
    // Of the first nobody knows, whatever became of the second.
    return second.kind === 'unsent' ? first : second
  }

  async #exchange(
    call: CallToSend,
    { url: address }: Address,
    onLine?: OnLine,
  ): Promise<Exchanged> {
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
      onLine,
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
