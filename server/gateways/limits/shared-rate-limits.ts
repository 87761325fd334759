/**
 * Calls are counted here first; whoever makes many is counted in Redis too, together with what
 * other servers saw. So a modest caller costs no message, and without Redis this server's own
 * count decides. (The library's own insurance keeps a timer for every key and has no bound.)
 */
import { createHash } from 'node:crypto'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Allowance, CallsToCount, RateLimits, RateParty } from '../../domain/rate-limits.ts'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'
import type { LimitsRedis } from './limits-redis.ts'
import { Tallies, type Tally } from './tallies.ts'

export type RateLimitsOptions = {
  /** null: this server counts alone. */
  readonly redis: LimitsRedis | null
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Calls a window of limits.rateWindowMs. */
  readonly perWindow: Readonly<Record<RateParty, number>>
}

export class SharedRateLimits implements RateLimits {
  readonly #options: RateLimitsOptions
  readonly #tallies: Tallies
  readonly #shared: Readonly<Record<RateParty, RateLimiterRedis>> | null

  constructor(options: RateLimitsOptions) {
    const { redis, perWindow } = options
    this.#options = options
    this.#tallies = new Tallies(options.clock)
    this.#shared =
      redis === null
        ? null
        : {
            caller: sharedCounter(redis, 'caller', perWindow.caller),
            address: sharedCounter(redis, 'address', perWindow.address),
            organisation: sharedCounter(redis, 'organisation', perWindow.organisation),
          }
  }

  async take(counted: CallsToCount): Promise<Allowance> {
    const { by, subject, purpose, calls } = counted
    const limit = this.#options.perWindow[by]
    const name = `${by} ${purpose} ${subject}`
    const tally = this.#tallies.add(name, calls)
    const isModest = tally.calls <= limit * limits.rateQuietPart
    // Now: while Redis is asked, other calls are added to the tally.
    const own = this.#own(by, limit, tally)
    if (isModest && !tally.isShared) return own
    return (await this.#everywhere(counted, name, tally)) ?? own
  }

  takeFromBlock(block: string, calls: number): Allowance {
    const limit = this.#options.perWindow.address * limits.rateSharedAddressFactor
    return this.#own('address', limit, this.#tallies.add(`all ${block}`, calls))
  }

  #own(by: RateParty, limit: number, { calls, endsMs }: Tally): Allowance {
    return {
      by,
      isOver: calls > limit,
      limit,
      remaining: Math.max(0, limit - calls),
      endsInMs: Math.max(0, endsMs - this.#options.clock.monotonicMs()),
    }
  }

  /** @returns null when Redis does not say */
  async #everywhere(
    { by, calls }: CallsToCount,
    name: string,
    tally: Tally,
  ): Promise<Allowance | null> {
    const { redis, clock, perWindow } = this.#options
    if (redis === null || this.#shared === null || !redis.isUsable) return null
    const points = tally.isShared ? calls : tally.calls
    tally.isShared = true
    const counter = this.#shared[by]
    const said = await counter.consume(hashed(name), points).catch((cause: unknown) => {
      if (cause instanceof RateLimiterRes) return cause
      redis.rest()
      tally.isShared = false
      return null
    })
    if (said === null) return null
    // The window is everybody's from now on.
    tally.endsMs = clock.monotonicMs() + said.msBeforeNext
    return {
      by,
      // One that is refused from memory says only when it may come back.
      isOver: said.consumedPoints > perWindow[by] || said.consumedPoints === 0,
      limit: perWindow[by],
      remaining: said.remainingPoints,
      endsInMs: said.msBeforeNext,
    }
  }
}

function sharedCounter({ client }: LimitsRedis, by: RateParty, points: number): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient: client,
    keyPrefix: `frontrow:rate:${by}`,
    points,
    duration: limits.rateWindowMs / 1000,
    rejectIfRedisNotReady: true,
    // Whoever is over stays so until the window ends, and Redis is not asked again.
    inMemoryBlockOnConsumed: points + 1,
  })
}

/** Ids and addresses stay out of Redis. */
function hashed(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}
