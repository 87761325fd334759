/** The signed-in devices of the caller: which there are, ending one, ending all. */
import type { Person } from '../../domain/access.ts'
import { refuse } from '../../domain/refusal.ts'
import type { SessionId } from '../../platform/ids.ts'
import {
  endFamiliesOf,
  endFamily,
  findFamily,
  listFamilies,
} from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { accountOfCaller } from './device.ts'

type Needs = Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'regions' | 'db'>
type Caller = Pick<Person, 'id' | 'session'>

export type ListedSession = {
  readonly id: string
  readonly isCurrent: boolean
  readonly signedInAt: Date
  readonly usedAt: Date
  readonly expiresAt: Date
}

export async function listSessions(services: Needs, caller: Caller): Promise<ListedSession[]> {
  const { region } = await accountOfCaller(services, caller)
  const families = await listFamilies(services.db, region, caller.id)
  return families.map(({ id, created_at, used_at, expires_at }) => ({
    id,
    isCurrent: id === caller.session,
    signedInAt: created_at,
    usedAt: used_at,
    expiresAt: expires_at,
  }))
}

/** @throws RefusedError NOT_FOUND: no such session, or somebody else's */
export async function endSession(
  services: Needs,
  caller: Caller,
  { session }: { readonly session: SessionId },
): Promise<{ ended: true }> {
  const { region } = await accountOfCaller(services, caller)
  const isNear = services.regions.homeOf('ses', session) === region
  const family = isNear ? await findFamily(services.db, { region, id: session }) : null
  if (family === null || family.user_id !== caller.id) {
    return refuse('NOT_FOUND', 'No such session.')
  }
  await endFamily(services.db, { region, id: session }, 'listed')
  return { ended: true }
}

/** Access tokens that are out end by themselves, within limits.accessTokenMs. */
export async function signOutEverywhere(services: Needs, caller: Caller): Promise<{ ended: true }> {
  const { region } = await accountOfCaller(services, caller)
  const ended = { region, user: caller.id, except: null, by: 'everywhere' } as const
  await endFamiliesOf(services.db, ended)
  return { ended: true }
}
