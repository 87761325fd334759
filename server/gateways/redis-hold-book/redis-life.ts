/**
 * Which life of Redis this is. One that starts again from its disk, and a replica that was promoted,
 * has lost its last moments and counts on as if nothing had been: only its run's id tells.
 */
import type { Redis } from 'ioredis'
import { HoldBookUnavailableError } from '../../domain/hold-book.ts'

const lives = new WeakMap<Redis, Life>()

/**
 * Good for commands that are sent in the same turn as this answers: they reach that life or none.
 * @throws HoldBookUnavailableError when the connection breaks meanwhile, and what Redis refuses with
 */
export function runIdOf(redis: Redis): Promise<string> {
  const life = lives.get(redis) ?? new Life(redis)
  lives.set(redis, life)
  return life.runId()
}

/** Asked once a connection: no other Redis answers on it. */
class Life {
  readonly #redis: Redis
  #asked: Promise<string> | null = null

  constructor(redis: Redis) {
    this.#redis = redis
    // The next connection is made by a timer at the earliest, and so after this.
    redis.on('close', () => {
      this.#asked = null
    })
  }

  runId(): Promise<string> {
    if (this.#asked !== null) return this.#asked
    const asking: Promise<string> = this.#ask(() => this.#asked === asking)
    this.#asked = asking
    asking.catch(() => {
      if (this.#asked === asking) this.#asked = null
    })
    return asking
  }

  async #ask(isCurrent: () => boolean): Promise<string> {
    const text = await this.#redis.info('server')
    if (!isCurrent()) throw new HoldBookUnavailableError('the connection to the hold book broke')
    return /^run_id:(\w+)/m.exec(text)?.[1] ?? 'unknown'
  }
}
