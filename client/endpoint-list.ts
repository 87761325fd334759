/**
 * Which base URL gets the next attempt: one that is not resting after a failure, the nearest one
 * or the first in the caller's order. Holds what is known of each; asks nobody.
 */
import { clientLimits } from './client-limits.ts'
import { type Endpoint, endpointAt } from './endpoint.ts'
import { NearestChoice } from './nearest-choice.ts'

export type EndpointListOptions = {
  readonly nowMs: () => number
  /** Ordered by what was measured, instead of by the caller. */
  readonly nearest: boolean
}

const none: ReadonlySet<Endpoint> = new Set()

export class EndpointList {
  readonly #endpoints: readonly Endpoint[]
  readonly #nowMs: () => number
  readonly #nearest: NearestChoice | null

  /** @throws TypeError a base URL that is none, or no base URL at all */
  constructor(bases: readonly string[], { nowMs, nearest }: EndpointListOptions) {
    if (bases.length === 0) throw new TypeError('endpoints: give one base URL or more')
    this.#endpoints = bases.map(endpointAt)
    this.#nowMs = nowMs
    this.#nearest = nearest ? new NearestChoice() : null
  }

  get all(): readonly Endpoint[] {
    return this.#endpoints
  }

  /**
   * One that is not resting, and rather none of those that a call has tried in vain; when all
   * rest, of those that it has not tried the one whose rest ends first.
   */
  next(avoided: ReadonlySet<Endpoint> = none): Endpoint {
    const isWanted = (endpoint: Endpoint) => !avoided.has(endpoint)
    const byRest = (a: Endpoint, b: Endpoint) => a.restsUntilMs - b.restsUntilMs
    const ready = this.#ready()
    const resting = [...this.#endpoints].sort(byRest)
    const candidates = [
      ready.filter(isWanted),
      ready,
      resting.filter(isWanted).slice(0, 1),
      resting.slice(0, 1),
    ]
    const among = candidates.find(({ length }) => length > 0) ?? []
    const chosen = this.#nearest?.among(among, this.#nowMs()) ?? among[0]
    if (chosen === undefined) throw new TypeError('endpoints: there is none')
    return chosen
  }

  /** Whether there is one that has neither just failed nor was tried in vain. */
  hasReady(avoided: ReadonlySet<Endpoint> = none): boolean {
    return this.#ready().some((endpoint) => !avoided.has(endpoint))
  }

  isResting({ restsUntilMs }: Endpoint): boolean {
    return restsUntilMs > this.#nowMs()
  }

  /** To a call: it is trusted again at once. */
  answered(endpoint: Endpoint): void {
    endpoint.failures = 0
    endpoint.restsUntilMs = 0
    endpoint.steadySinceMs ??= this.#nowMs()
  }

  /** Calls that fail together count once: whoever rests already is not punished further. */
  failed(endpoint: Endpoint): void {
    if (this.isResting(endpoint)) return
    const { endpointRestBaseMs, endpointRestMaxMs } = clientLimits
    const restMs = Math.min(endpointRestMaxMs, endpointRestBaseMs * 2 ** endpoint.failures)
    endpoint.failures += 1
    endpoint.restsUntilMs = this.#nowMs() + restMs
    endpoint.steadySinceMs = null
    // Whatever comes back may have moved to another place or another line.
    endpoint.samplesMs = []
  }

  /** It lives, so far away. That it can sell only a call can show: its failures are kept. */
  measured(endpoint: Endpoint, roundTripMs: number): void {
    if (this.isResting(endpoint)) return
    endpoint.samplesMs = [...endpoint.samplesMs, roundTripMs].slice(-clientLimits.samplesMax)
    endpoint.steadySinceMs ??= this.#nowMs()
    this.#nearest?.answeredFirst(endpoint)
  }

  /** After a round in which these were measured: the time to go to another one, if ever. */
  roundEnded(measured: ReadonlySet<Endpoint>): void {
    this.#nearest?.reconsider({ all: this.#endpoints, measured, nowMs: this.#nowMs() })
  }

  #ready(): readonly Endpoint[] {
    return this.#endpoints.filter((endpoint) => !this.isResting(endpoint))
  }
}
