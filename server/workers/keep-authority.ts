/** One pass of keeping or watching the authority over one home region; the pass says when it is due again. */
import type { AuthorityKeeper } from '../application/authority-keeper.ts'
import { limits } from '../platform/limits.ts'
import type { PassStatus } from './reconciler.ts'

export async function keepAuthority(keeper: AuthorityKeeper, home: string): Promise<PassStatus> {
  const againInMs = await keeper.pass(home)
  return { handled: 1, more: false, againInMs: Math.max(limits.leasePauseMs, againInMs) }
}
