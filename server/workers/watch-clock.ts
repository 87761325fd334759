/** Looks at this server's wall clock; each look says when the next one is due. */
import type { ClockWatch } from '../application/clock-watch.ts'
import type { PassStatus } from './reconciler.ts'

export async function watchClock(watch: ClockWatch): Promise<PassStatus> {
  return { handled: 1, more: false, againInMs: await watch.pass() }
}
