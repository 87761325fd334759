/**
 * Whether this server's wall clock is wrong. The database alone cannot say so: if the clock of its
 * host were wrong, all servers of all regions would step aside at once, for a thing that harms no
 * token. One other region's server that agrees with us is enough to go on.
 */
import { clockLimits } from '../platform/clock-limits.ts'

/** What another clock said, and when by our monotonic one: it says on by itself. */
export type SeenTime = {
  /** Milliseconds since 1970. */
  readonly saidMs: number
  readonly atMonotonicMs: number
  /** It may have been so much earlier or later. */
  readonly eitherWayMs: number
}

/** Both clocks of ours at one moment. */
export type OurTime = { readonly wallMs: number; readonly monotonicMs: number }

/** `disputed`: the database says that we are wrong, and another region's server that we are not. */
export type ClockFinding = 'right' | 'off' | 'disputed'

export type ClockView = {
  readonly ours: OurTime
  readonly database: SeenTime
  /** Of servers of other regions. */
  readonly peers: readonly SeenTime[]
  /** What was found last. */
  readonly was: ClockFinding
}

/** How far our wall clock is ahead of another one; negative: behind. */
export function offsetMs(ours: OurTime, seen: SeenTime): number {
  return ours.wallMs - (seen.saidMs + ours.monotonicMs - seen.atMonotonicMs)
}

/** What is not known of a look changes nothing: a clock at the edge does not come and go. */
export function clockFinding({ ours, database, peers, was }: ClockView): ClockFinding {
  const { offsetMaxMs, offsetBackMs } = clockLimits
  const awayMs = (seen: SeenTime) => Math.abs(offsetMs(ours, seen))
  const mayBeRight = (seen: SeenTime) => awayMs(seen) - seen.eitherWayMs <= offsetMaxMs
  const isWithin = (seen: SeenTime, ms: number) => awayMs(seen) + seen.eitherWayMs <= ms
  if (was === 'right' ? mayBeRight(database) : isWithin(database, offsetBackMs)) return 'right'
  const agrees = was === 'off' ? (seen: SeenTime) => isWithin(seen, offsetMaxMs) : mayBeRight
  return peers.some(agrees) ? 'disputed' : 'off'
}
