/**
 * Gathers the calls for one region that come within a few milliseconds of each other. The first
 * after a pause goes at once and alone, so that nobody waits on a quiet server; on a busy one each
 * waits for less than a WAN round trip varies by.
 */
import type { Clock } from '../../platform/clock.ts'
import { groupLimits } from '../../platform/group-limits.ts'
import type { CallToSend, Sent } from './call-to-send.ts'

export type GatheredCall = { readonly call: CallToSend; readonly settle: (sent: Sent) => void }

export type GatheringParts = {
  readonly alone: (call: CallToSend) => Promise<Sent>
  /** Settles each of them. Never rejects. */
  readonly together: (calls: readonly GatheredCall[]) => Promise<void>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

export class GatheredCalls {
  readonly #parts: GatheringParts
  #gathered: GatheredCall[] = []
  #sentAtMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  constructor(parts: GatheringParts) {
    this.#parts = parts
  }

  send(call: CallToSend): Promise<Sent> {
    const { clock, alone } = this.#parts
    const nowMs = clock.monotonicMs()
    const waitMs = this.#sentAtMs + groupLimits.gatherMs - nowMs
    if (this.#timer === null && waitMs <= 0) {
      this.#sentAtMs = nowMs
      return alone(call)
    }
    return new Promise((settle) => {
      this.#gathered.push({ call, settle })
      if (this.#gathered.length >= groupLimits.callsMax) this.#flush()
      else this.#timer ??= setTimeout(() => this.#flush(), waitMs)
    })
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const calls = this.#gathered
    this.#gathered = []
    this.#sentAtMs = this.#parts.clock.monotonicMs()
    const [only, ...others] = calls
    if (only === undefined) return
    if (others.length > 0) void this.#parts.together(calls)
    else void this.#parts.alone(only.call).then(only.settle)
  }
}
