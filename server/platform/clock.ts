/**
 * The clock is a port: domain, application and stores receive it, tests and simulations drive it.
 * Wall time is only for logs and tokens; whether a sale is open or a reservation alive is decided
 * by the database's clock inside the statement that writes.
 */
import { setTimeout as wait } from 'node:timers/promises'

export type Clock = {
  /** Milliseconds since 1970, of this machine. May jump. */
  readonly nowMs: () => number
  /** Milliseconds that only grow; their zero means nothing. For durations and deadlines. */
  readonly monotonicMs: () => number
  /** Resolves after `ms`; rejects when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: (ms, signal) => wait(ms, undefined, signal ? { signal, ref: false } : {}),
}
