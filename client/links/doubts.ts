/**
 * Which endpoints one call has tried in vain although they live. The database out of reach of one
 * region, a region cut off from the others, an authority that is gone: from one answer nobody can
 * tell whether the region is at fault or what was asked for. So the call asks another region; if
 * that one can help, those before it were at fault and rest, and otherwise none of them does.
 */
import type { Endpoint, EndpointList } from '../endpoint-list.ts'
import type { Failure } from '../failure.ts'

export class Doubts {
  readonly endpoints = new Set<Endpoint>()
  readonly #list: EndpointList
  #withoutAuthority: Endpoint | null = null

  constructor(list: EndpointList) {
    this.#list = list
  }

  /** @returns whether another endpoint may do better at once */
  failed(endpoint: Endpoint, { code, endpoint: verdict }: Failure): boolean {
    const isWithout = code === 'NO_AUTHORITY'
    // Once: a takeover is under way, and all regions wait for it. Twice: it may not hear of it.
    const isDeaf = isWithout && this.#withoutAuthority === endpoint
    this.#withoutAuthority = isWithout ? endpoint : null
    if (verdict === 'doubtful' || isDeaf) this.endpoints.add(endpoint)
    const isOther = this.#list.hasReady(this.endpoints)
    // All were asked: the next attempt begins with the nearest again.
    if (!isOther) this.endpoints.clear()
    return isOther && verdict !== 'fine'
  }

  answered(by: Endpoint): void {
    for (const endpoint of this.endpoints) if (endpoint !== by) this.#list.failed(endpoint)
    this.endpoints.clear()
  }
}
