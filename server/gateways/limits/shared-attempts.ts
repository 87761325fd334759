/**
 * Who guesses, and how long they wait: counted in Redis for all servers of the region, and in this
 * server's memory where there is none or while it is away. Neither address nor subject is kept:
 * their hashes are.
 */
import { createHash } from 'node:crypto'
import { type Attempt, type Attempts, tooManyAttempts } from '../../domain/attempts.ts'
import { RefusedError } from '../../domain/refusal.ts'
import { addressBlockOf } from '../../platform/address-block.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AttemptKeys } from './attempt-book.ts'
import { attemptScripts } from './attempt-script.ts'
import { AttemptsInMemory } from './attempts-in-memory.ts'
import type { LimitsRedis } from './limits-redis.ts'

type Step = keyof typeof attemptScripts

export class SharedAttempts implements Attempts {
  readonly #redis: LimitsRedis | null
  readonly #memory: AttemptsInMemory

  constructor({ redis, clock }: { redis: LimitsRedis | null; clock: Pick<Clock, 'monotonicMs'> }) {
    this.#redis = redis
    this.#memory = new AttemptsInMemory(clock)
  }

  async check(attempt: Attempt): Promise<void> {
    const keys = keysOf(attempt)
    const waitMs = (await this.#run('check', keys)) ?? (await this.#memory.check(keys))
    if (waitMs > 0) throw new RefusedError(tooManyAttempts(waitMs))
  }

  async failed(attempt: Attempt): Promise<void> {
    const keys = keysOf(attempt)
    if ((await this.#run('failed', keys)) === null) await this.#memory.failed(keys)
  }

  async succeeded(attempt: Attempt): Promise<void> {
    const keys = keysOf(attempt)
    if ((await this.#run('succeeded', keys)) === null) await this.#memory.succeeded(keys)
  }

  /** @returns null when Redis does not say */
  async #run(step: Step, { here, everywhere }: AttemptKeys): Promise<number | null> {
    const redis = this.#redis
    if (redis === null || !redis.isUsable) return null
    try {
      // Passwords are slow to check: sending the whole script with each is nothing beside it.
      return Number(await redis.client.eval(attemptScripts[step], 2, here, everywhere))
    } catch {
      redis.rest()
      return null
    }
  }
}

function keysOf({ kind, subject, address }: Attempt): AttemptKeys {
  const account = hashed(`${kind} ${subject}`)
  // The braces put both into one slot of a cluster.
  const everywhere = `frontrow:attempts:{${account}}`
  return { everywhere, here: `${everywhere}:${hashed(`${account} ${addressBlockOf(address)}`)}` }
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
