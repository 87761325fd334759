/**
 * The connection to Redis. It fails fast: no queue while Redis is away, no resending behind the
 * caller's back, and a bound on every command. It reconnects by itself for ever.
 */
import { Redis } from 'ioredis'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'

export type RedisOptions = {
  /** redis:// or rediss:// with everything in it. */
  readonly url: string
  /** The connection broke or could not be made: worth a log line, never a crash. */
  readonly onError: (cause: Error) => void
  /** For a connection that waits; that of the hold book unless told. */
  readonly commandTimeoutMs?: number
}

/**
 * Connects in the background: calls are refused until it is ready. `whenReady` waits for that.
 * Close it with `disconnect()`.
 */
export function openRedis(options: RedisOptions): Redis {
  const redis = new Redis(options.url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: options.commandTimeoutMs ?? holdBookLimits.commandTimeoutMs,
    connectTimeout: holdBookLimits.connectTimeoutMs,
    retryStrategy: (times) =>
      Math.min(times * holdBookLimits.reconnectStepMs, holdBookLimits.reconnectMaxMs),
  })
  redis.on('error', options.onError)
  return redis
}

/** Resolves once the connection serves, rejects when it does not within `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', settle)
      reject(new Error(`Redis did not answer within ${timeoutMs} ms`))
    }, timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    redis.once('ready', settle)
  })
}
