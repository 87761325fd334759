/**
 * The connection on which calls and attempts are counted. Nobody waits for it: a command that does
 * not answer at once is given up, and then none is sent for a moment.
 */
import { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../../platform/limits.ts'

export type LimitsRedisOptions = {
  readonly url: string
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly onError: (cause: Error) => void
}

export class LimitsRedis {
  readonly client: Redis
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #restsUntilMs = 0

  /** Connects in the background. */
  constructor({ url, clock, onError }: LimitsRedisOptions) {
    this.#clock = clock
    this.client = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: limits.rateCommandTimeoutMs,
      connectTimeout: holdBookLimits.connectTimeoutMs,
      retryStrategy: (times) =>
        Math.min(times * holdBookLimits.reconnectStepMs, holdBookLimits.reconnectMaxMs),
    })
    this.client.on('error', onError)
  }

  get isUsable(): boolean {
    return this.client.status === 'ready' && this.#clock.monotonicMs() >= this.#restsUntilMs
  }

  /** To be told of each command that failed. */
  rest(): void {
    this.#restsUntilMs = this.#clock.monotonicMs() + limits.rateRedisRestMs
  }

  close(): void {
    this.client.disconnect()
  }
}
