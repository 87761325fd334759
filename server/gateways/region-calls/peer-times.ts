/**
 * The time of servers of other regions, from the `Date` header of whatever they answer. Asked where
 * nobody has to be signed in: a clock that is off signs nothing that they would take.
 */
import type { SeenTime } from '../../domain/clock-offset.ts'
import type { Clock } from '../../platform/clock.ts'
import { clockLimits } from '../../platform/clock-limits.ts'

export type PeerTimesOptions = {
  /** Internal addresses of servers of other regions. */
  readonly addresses: readonly string[]
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** All are asked at once, and none is waited for longer than it is worth. Never rejects. */
export function peerTimes({ addresses, clock }: PeerTimesOptions) {
  return async (): Promise<ReadonlyMap<string, SeenTime>> => {
    const seen = new Map<string, SeenTime>()
    const ask = async (address: string) => {
      const time = await timeAt(address, clock).catch(() => null)
      if (time !== null) seen.set(address, time)
    }
    await Promise.all(addresses.map(ask))
    return seen
  }
}

async function timeAt(address: string, clock: PeerTimesOptions['clock']): Promise<SeenTime | null> {
  const { lookWithinMs: withinMs, dateHeaderHalfMs } = clockLimits
  const fromMs = clock.monotonicMs()
  const signal = AbortSignal.timeout(withinMs)
  const answer = await fetch(new URL('/livez', address), { signal, redirect: 'error' })
  const tookMs = clock.monotonicMs() - fromMs
  await answer.body?.cancel()
  const dateMs = Date.parse(answer.headers.get('date') ?? '')
  if (Number.isNaN(dateMs) || tookMs > withinMs) return null
  return {
    saidMs: dateMs + dateHeaderHalfMs,
    atMonotonicMs: fromMs + tookMs / 2,
    eitherWayMs: dateHeaderHalfMs + tookMs / 2,
  }
}
