/** Waiting for a change of authority, within a deadline and in bounded company. */
import type { Services } from '../application/services.ts'
import { backoffMs } from '../platform/backoff.ts'
import { limits } from '../platform/limits.ts'
import type { Part } from './batch-parts.ts'
import type { CalledHomes } from './called-homes.ts'

type Needs = Pick<Services, 'authorities' | 'clock' | 'random'>

const bounds = { baseMs: limits.forwardBackoffBaseMs, maxMs: limits.forwardBackoffMaxMs }

/** The epoch of each home region when a call began. */
export type EpochsThen = ReadonlyMap<string, number | null>

/** Who waits hangs up sometimes. */
type Company = { readonly gone: AbortSignal }

export class AuthorityNews {
  readonly #services: Needs
  #waiting = 0

  constructor(services: Needs) {
    this.#services = services
  }

  epochs({ calls }: CalledHomes): EpochsThen {
    const homes = calls.flatMap(({ home }) => home ?? [])
    return new Map(homes.map((home) => [home, this.#services.authorities.epochOf(home)]))
  }

  /** True once the epoch of any of the calls' homes has changed, in time for another attempt. */
  async came(
    { calls }: CalledHomes,
    part: Part,
    then: Company & { readonly epochs: EpochsThen; readonly deadlineMs: number },
  ): Promise<boolean> {
    const { authorities, clock } = this.#services
    const homes = part.flatMap((index) => calls[index]?.home ?? [])
    const isNew = () => homes.some((home) => authorities.epochOf(home) !== then.epochs.get(home))
    const startedMs = clock.monotonicMs()
    const endsMs = Math.min(
      then.deadlineMs - limits.callMarginMs,
      startedMs + limits.authorityNewsMs,
    )
    while (!isNew()) {
      const leftMs = endsMs - clock.monotonicMs()
      if (leftMs <= 0 || then.gone.aborted) return false
      if (!(await this.#change(leftMs, then.gone))) return false
    }
    return true
  }

  /**
   * Until something changes, or for a moment that grows with each attempt.
   * @returns false when too many wait already
   */
  wait(
    leftMs: number,
    { attempt, gone }: Company & { readonly attempt: number },
  ): Promise<boolean> {
    const { random } = this.#services
    const pauseMs = backoffMs(attempt, bounds, random)
    return this.#change(Math.min(leftMs, pauseMs), gone)
  }

  async #change(withinMs: number, gone: AbortSignal): Promise<boolean> {
    if (this.#waiting >= limits.forwardsWaitingMax) return false
    if (withinMs <= 0) return true
    const { authorities, clock } = this.#services
    const stop = new AbortController()
    const leave = () => stop.abort()
    gone.addEventListener('abort', leave)
    this.#waiting += 1
    const over = clock.wait(withinMs, stop.signal).catch(() => undefined)
    await Promise.race([authorities.changed(stop.signal), over])
    gone.removeEventListener('abort', leave)
    stop.abort()
    this.#waiting -= 1
    return true
  }
}
