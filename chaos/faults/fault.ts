/** What goes wrong on purpose: one type for all of it, so that a drill can keep a list and heal it. */

export type FaultKind =
  | 'region.lost'
  | 'region.paused'
  | 'server.killed'
  | 'server.paused'
  | 'server.old-version'
  | 'link.cut'
  | 'link.black-hole'
  | 'link.one-way'
  | 'link.slow'
  | 'link.late'
  | 'link.half-open'
  | 'redis.killed'
  | 'redis.wiped'
  | 'redis.paused'
  | 'redis.full'
  | 'redis.old-data'
  | 'redis.wrong-book'
  | 'database.killed'
  | 'database.stalled'
  | 'database.struck'
  | 'stripe.down'
  | 'stripe.rule'
  | 'clock.shifted'
  | 'log.full'
  | 'load.step'
  | 'load.storm'

/**
 * Set and healed any number of times, one after the other. Setting what is set and healing what is
 * healed changes nothing, so that a drill which breaks off can heal everything it knows.
 */
export type Fault = {
  readonly kind: FaultKind
  /** What it befalls, such as `us-east1/database`. */
  readonly where: string
  /** For people: what happens, such as `every third commit is answered with 40003`. */
  readonly said: string
  readonly inject: () => Promise<void>
  readonly heal: () => Promise<void>
  /** By looking at the system, not by remembering. */
  readonly isHealed: () => Promise<boolean>
  /**
   * How often the system met it since it was last set, as seen from outside: connections that were
   * reset, statements that were struck, keys that were lost. 0: it was set and nobody felt it.
   */
  readonly felt: () => Promise<number>
}
