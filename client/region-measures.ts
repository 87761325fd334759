/**
 * Measures how far away each endpoint is, in the background of calls: without calls there is no
 * timer and no request. Only the first call waits, for the first endpoint that answers.
 */
import { clientLimits } from './client-limits.ts'
import type { Endpoint } from './endpoint.ts'
import type { EndpointList } from './endpoint-list.ts'
import { orAborted } from './links/async-link.ts'
import type { Ports } from './ports.ts'
import type { Fetch } from './whole-answer-fetch.ts'

export type RegionMeasuresOptions = {
  readonly endpoints: EndpointList
  readonly fetch: Fetch
  readonly ports: Pick<Ports, 'nowMs' | 'random'>
  /** False: the caller's order counts, and only who seems dead is asked. */
  readonly nearest: boolean
}

export class RegionMeasures {
  readonly #options: RegionMeasuresOptions
  readonly #asking = new Map<Endpoint, Promise<boolean>>()
  readonly #measuring = new Set<Endpoint>()
  /** Those of the round that is under way. */
  #measured = new Set<Endpoint>()
  #first: Promise<unknown> | null = null
  #isFirstOver = false
  #roundAtMs = Number.NEGATIVE_INFINITY
  #recheckAtMs = Number.NEGATIVE_INFINITY

  constructor(options: RegionMeasuresOptions) {
    this.#options = options
  }

  /**
   * Starts what is due. Resolves at once, but before the first call: then when an endpoint has
   * answered, all have failed, a quarter of the call's time is over, or the signal aborts.
   */
  async beforeAttempt(leftMs: number, signal: AbortSignal | null): Promise<void> {
    if (!this.#options.nearest) return
    const due = this.#due()
    if (due.length > 0) {
      const answers = due.map((endpoint) => this.#measure(endpoint))
      this.#first ??= Promise.any(answers).catch(ignore)
    }
    if (this.#isFirstOver || this.#first === null) return
    const limitMs = Math.min(clientLimits.firstAnswerMs, leftMs / 4)
    const limit = AbortSignal.timeout(Math.ceil(limitMs))
    await orAborted(orAborted(this.#first, limit), signal).catch(ignore)
    this.#isFirstOver = true
  }

  /** Whether it answers at all; calls that wonder together ask once. */
  isAlive(endpoint: Endpoint): Promise<boolean> {
    const asked = this.#asking.get(endpoint)
    if (asked !== undefined) return asked
    const asking = this.#ask(endpoint).then(
      () => true,
      () => false,
    )
    this.#asking.set(endpoint, asking)
    void asking.finally(() => this.#asking.delete(endpoint))
    return asking
  }

  /** All in a round; between rounds those that have failed and have not been steady since. */
  #due(): readonly Endpoint[] {
    const { endpoints, ports } = this.#options
    const nowMs = ports.nowMs()
    const isRound = nowMs >= this.#roundAtMs
    const mayRecheck = nowMs >= this.#recheckAtMs
    const due = endpoints.all.filter((endpoint) => {
      if (this.#measuring.has(endpoint) || endpoints.isResting(endpoint)) return false
      const { steadySinceMs } = endpoint
      if (isRound || steadySinceMs === null) return true
      return mayRecheck && nowMs - steadySinceMs < clientLimits.steadyAfterMs * 2
    })
    if (isRound) this.#roundAtMs = nowMs + this.#jittered(clientLimits.roundEveryMs)
    if (due.length > 0) this.#recheckAtMs = nowMs + this.#jittered(clientLimits.recheckEveryMs)
    return due
  }

  /** So that clients that began together do not measure together. */
  #jittered(ms: number): number {
    return ms * (1 + clientLimits.roundJitterShare * (2 * this.#options.ports.random() - 1))
  }

  /** Resolves with its first answer, and goes on. */
  #measure(endpoint: Endpoint): Promise<void> {
    const { endpoints } = this.#options
    this.#measuring.add(endpoint)
    const first = this.#sample(endpoint)
    const whole = async () => {
      await first
      for (let more = 1; more < clientLimits.probesPerRound; more += 1) await this.#sample(endpoint)
      this.#measured.add(endpoint)
    }
    const end = () => {
      this.#measuring.delete(endpoint)
      if (this.#measuring.size > 0) return
      endpoints.roundEnded(this.#measured)
      this.#measured = new Set()
    }
    void whole()
      .catch(() => endpoints.failed(endpoint))
      .then(end)
    return first
  }

  async #sample(endpoint: Endpoint): Promise<void> {
    const { endpoints } = this.#options
    endpoints.measured(endpoint, await this.#ask(endpoint))
  }

  /** @throws when no answer comes, or one that says that nobody is behind that address */
  async #ask({ liveUrl }: Endpoint): Promise<number> {
    const { fetch, ports } = this.#options
    const signal = AbortSignal.timeout(clientLimits.probeTimeoutMs)
    const beganMs = ports.nowMs()
    // No header of ours: browsers would ask for leave first. The server forbids to keep the answer.
    const response = await orAborted(fetch(liveUrl, { signal }), signal)
    const roundTripMs = ports.nowMs() - beganMs
    // A body that was not read would keep its connection from being used again.
    await orAborted(response.text(), signal)
    if (response.status >= 500) throw new Error(`${liveUrl} answered ${response.status}`)
    return roundTripMs
  }
}

function ignore(): void {}
