/**
 * The nearest endpoint, without flapping: leaves the present one at once when it rests, and for a
 * nearer one only when that is clearly so, for a while. Decides from what was measured; asks nobody.
 */
import { clientLimits } from './client-limits.ts'
import { distanceMs, type Endpoint } from './endpoint.ts'

type Round = {
  readonly all: readonly Endpoint[]
  readonly measured: ReadonlySet<Endpoint>
  readonly nowMs: number
}

export class NearestChoice {
  #present: Endpoint | null = null
  /** The first round corrects the first answer, which was a race of cold connections. */
  #settled = false
  #nearer: { readonly endpoint: Endpoint; readonly rounds: number } | null = null

  /** One of these: the present one if it is there. Moves for good only when that one rests. */
  among(candidates: readonly Endpoint[], nowMs: number): Endpoint | undefined {
    const present = this.#present
    if (present !== null && candidates.includes(present)) return present
    const [best] = byDistance(candidates)
    if (best !== undefined && (present === null || present.restsUntilMs > nowMs)) this.#go(best)
    return best
  }

  /** Taken when nobody was chosen before. */
  answeredFirst(endpoint: Endpoint): void {
    if (this.#present === null) this.#go(endpoint)
  }

  reconsider({ all, measured, nowMs }: Round): void {
    const present = this.#present
    const [best] = byDistance(all.filter((endpoint) => isSteady(endpoint, nowMs)))
    if (present === null || best === undefined || !isClearlyNearer(best, present)) {
      this.#nearer = null
    } else if (measured.has(best)) {
      const before = this.#nearer?.endpoint === best ? this.#nearer.rounds : 0
      this.#nearer = { endpoint: best, rounds: before + 1 }
      const wanted = this.#settled ? clientLimits.nearerRounds : 1
      if (this.#nearer.rounds >= wanted) this.#go(best)
    }
    this.#settled = true
  }

  #go(endpoint: Endpoint): void {
    this.#present = endpoint
    this.#nearer = null
  }
}

/** Nearest first; what was not measured last; the caller's order otherwise. */
function byDistance(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return [...endpoints].sort((a, b) => {
    const [left, right] = [distanceMs(a), distanceMs(b)]
    return left === right ? 0 : left - right
  })
}

function isSteady({ restsUntilMs, steadySinceMs, samplesMs }: Endpoint, nowMs: number): boolean {
  if (restsUntilMs > nowMs || steadySinceMs === null || samplesMs.length === 0) return false
  return nowMs - steadySinceMs >= clientLimits.steadyAfterMs
}

function isClearlyNearer(other: Endpoint, present: Endpoint): boolean {
  const { nearerByMs, nearerByShare } = clientLimits
  const presentMs = distanceMs(present)
  const boundMs = Math.min(presentMs - nearerByMs, presentMs * (1 - nearerByShare))
  return distanceMs(other) <= boundMs
}
