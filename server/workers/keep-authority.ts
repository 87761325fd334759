/** Keeps or watches the authority over one home region; each pass says when the next one is due. */
import { authorityLimits } from '../platform/authority-limits.ts'
import type { PassStatus } from './reconciler.ts'

export async function keepAuthority(
  pass: (home: string) => Promise<number>,
  home: string,
): Promise<PassStatus> {
  const againInMs = await pass(home)
  return { handled: 1, more: false, againInMs: Math.max(authorityLimits.leasePauseMs, againInMs) }
}
