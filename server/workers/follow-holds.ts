/**
 * Follows the holds of the home regions that other regions sell, each in a loop of its own: asks,
 * applies, asks again; the question itself waits for a change. Several servers of a region may run
 * it: one at a time follows a home region, the others watch. After a failure it waits, bounded and
 * with jitter, and goes on: recovery is the normal path.
 */
import { type FollowOutcome, followHolds } from '../application/follow-holds.ts'
import type { FollowNeeds } from '../application/follow-step.ts'
import type { Services } from '../application/services.ts'
import { holdBookLimits } from '../domain/hold-book-limits.ts'
import { backoffMs } from '../platform/backoff.ts'
import { untraced } from '../platform/tracing.ts'

type Needs = FollowNeeds & Pick<Services, 'random' | 'log'>

const backoff = {
  baseMs: holdBookLimits.followBackoffBaseMs,
  maxMs: holdBookLimits.followBackoffMaxMs,
}

export class FollowHolds implements AsyncDisposable {
  readonly #services: Needs
  readonly #token: string
  readonly #stopped = new AbortController()
  readonly #loops: readonly Promise<void>[]

  /** Starts at once. */
  constructor(services: Needs) {
    this.#services = services
    this.#token = Buffer.from(services.random.bytes(16)).toString('hex')
    const homes = services.following?.homes ?? []
    this.#loops = homes.map((home) => this.#follow(home))
  }

  /** Cuts off what waits, and lets another server of this region follow at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort()
    await Promise.all(this.#loops)
  }

  async #follow(home: string): Promise<void> {
    const { signal } = this.#stopped
    let failures = 0
    while (!signal.aborted) {
      try {
        const asked = { home, token: this.#token, signal }
        const outcome = await untraced(() => followHolds(this.#services, asked))
        if (failures > 0)
          this.#services.log.info({ home }, 'the holds of a region are followed again')
        failures = 0
        await this.#rest(outcome)
      } catch (cause) {
        if (signal.aborted) break
        failures += 1
        this.#tellFailure(home, { cause, failures })
        await this.#pause(backoffMs(failures, backoff, this.#services.random))
      }
    }
    await this.#leave(home)
  }

  async #rest(outcome: FollowOutcome): Promise<void> {
    if (outcome !== 'followed') await this.#pause(holdBookLimits.followWatchMs)
  }

  /** A change of authority is news for whoever waits. */
  async #pause(ms: number): Promise<void> {
    const { clock, authorities } = this.#services
    const over = new AbortController()
    const until = AbortSignal.any([this.#stopped.signal, over.signal])
    const waited = clock.wait(ms, until).catch(() => undefined)
    await Promise.race([waited, authorities.changed(until)])
    over.abort()
  }

  /** Once each time that it begins to fail: the gauge tells the rest. */
  #tellFailure(home: string, facts: { readonly cause: unknown; readonly failures: number }): void {
    const { authorities, following, log } = this.#services
    const epoch = authorities.epochOf(home)
    if (epoch !== null) following?.table.tell({ home, epoch }, 'failing')
    if (facts.failures > 1) return
    log.warn({ err: facts.cause, home }, 'the holds of a region cannot be followed')
  }

  async #leave(home: string): Promise<void> {
    const { authorities, replication } = this.#services
    const epoch = authorities.epochOf(home)
    if (epoch === null) return
    await replication?.copies.leave({ home, epoch, token: this.#token }).catch(() => undefined)
  }
}
