/**
 * Which base URL gets the next attempt: the first in the caller's order that is not resting after
 * a failure. The seam for regions: measuring which one is nearest would reorder `#endpoints`, and
 * nothing else would change.
 */
import { clientLimits } from './client-limits.ts'

/** `trpcUrl` is where the procedures are; the failures are those in a row. */
export type Endpoint = { readonly trpcUrl: string; failures: number; restsUntilMs: number }

export class EndpointList {
  readonly #endpoints: readonly Endpoint[]
  readonly #nowMs: () => number

  /** @throws TypeError a base URL that is none, or no base URL at all */
  constructor(bases: readonly string[], nowMs: () => number) {
    if (bases.length === 0) throw new TypeError('endpoints: give one base URL or more')
    this.#endpoints = bases.map((base) => ({
      trpcUrl: trpcUrlOf(base),
      failures: 0,
      restsUntilMs: 0,
    }))
    this.#nowMs = nowMs
  }

  get all(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** The first that is not resting, or the one whose rest ends first. */
  next(): Endpoint {
    const byRest = (a: Endpoint, b: Endpoint) => a.restsUntilMs - b.restsUntilMs
    const chosen = this.#ready() ?? [...this.#endpoints].sort(byRest)[0]
    if (chosen === undefined) throw new TypeError('endpoints: there is none')
    return chosen
  }

  /** Whether an attempt now would go to an endpoint that has not just failed. */
  hasReady(): boolean {
    return this.#ready() !== undefined
  }

  answered(endpoint: Endpoint): void {
    endpoint.failures = 0
    endpoint.restsUntilMs = 0
  }

  /** Calls that fail together count once: whoever rests already is not punished further. */
  failed(endpoint: Endpoint): void {
    if (endpoint.restsUntilMs > this.#nowMs()) return
    const { endpointRestBaseMs, endpointRestMaxMs } = clientLimits
    const restMs = Math.min(endpointRestMaxMs, endpointRestBaseMs * 2 ** endpoint.failures)
    endpoint.failures += 1
    endpoint.restsUntilMs = this.#nowMs() + restMs
  }

  #ready(): Endpoint | undefined {
    const nowMs = this.#nowMs()
    return this.#endpoints.find((endpoint) => endpoint.restsUntilMs <= nowMs)
  }
}

function trpcUrlOf(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`endpoints: "${base}" is no http(s) URL, such as https://tickets.example`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/trpc`
}
