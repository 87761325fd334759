/** The caller's own account: looked at, and its harmless fields changed. */
import type { Person } from '../../domain/access.ts'
import type { Account, AccountEdit } from '../../domain/accounts.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Services } from '../services.ts'
import { accountOfCaller } from './device.ts'

type Needs = Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'regions'>

export type ShownAccount = Account & { readonly homeRegion: string }

export async function getAccount(services: Needs, caller: Person): Promise<ShownAccount> {
  const { account, region } = await accountOfCaller(services, caller)
  return { ...account, homeRegion: region }
}

/** @throws RefusedError EDIT_CONFLICT: it changed since `version` was read */
export async function updateAccount(
  services: Needs,
  caller: Person,
  change: AccountEdit,
): Promise<ShownAccount> {
  const { home } = await accountOfCaller(services, caller)
  const isDone = await home.update(caller.id, change)
  if (!isDone) refuse('EDIT_CONFLICT', 'Your account changed meanwhile: read it again.')
  return await getAccount(services, caller)
}
