/**
 * Which endpoints one call has tried in vain. Of one that lives (its database out of reach, cut off
 * from the other regions, an authority that is gone) nobody can tell from one answer whether the
 * region is at fault or what was asked for. So the call asks another region; if that one can help,
 * those before it were at fault and rest, and otherwise none of them does.
 */
import type { Endpoint } from '../endpoint.ts'
import type { EndpointList } from '../endpoint-list.ts'
import type { Failure } from '../failure.ts'

export class Doubts {
  /** For the next attempt: all others first. */
  readonly avoided = new Set<Endpoint>()
  readonly #doubted = new Set<Endpoint>()
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
    if (verdict === 'doubtful' || isDeaf) this.#doubted.add(endpoint)
    if (verdict !== 'fine' || isDeaf) this.avoided.add(endpoint)
    const isOther = this.#list.hasReady(this.avoided)
    // All were asked: the next attempt begins with the nearest again.
    if (this.avoided.size === this.#list.all.length) this.#forget()
    return isOther && verdict !== 'fine'
  }

  answered(by: Endpoint): void {
    for (const endpoint of this.#doubted) if (endpoint !== by) this.#list.failed(endpoint)
    this.#forget()
  }

  #forget(): void {
    this.avoided.clear()
    this.#doubted.clear()
  }
}
