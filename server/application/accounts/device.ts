/** A signed-in device: made at a sign-in, looked at before what only its person may change. */
import type { Person } from '../../domain/access.ts'
import type { Account, AccountSession, HomeAccounts } from '../../domain/accounts.ts'
import { refuse } from '../../domain/refusal.ts'
import { derivedSuffix, type SessionId } from '../../platform/ids.ts'
import { type FamilyKey, findFamily, insertFamily } from '../../stores/accounts/refresh-families.ts'
import { DuplicateKeyError } from '../../stores/outcome.ts'
import type { Services } from '../services.ts'
import { accountsOf, type OpenParts } from './account-parts.ts'

export type Tokens = {
  readonly kind: 'signed-in'
  readonly accessToken: string
  readonly expiresInMs: number
  readonly refreshToken: string
}

/** One sign-in with one key is one device. */
export function deviceFor(regionCode: string, parts: readonly string[]): SessionId {
  return `ses_${regionCode}_${derivedSuffix(['device', ...parts])}` as SessionId
}

/**
 * The first tokens of a device.
 * @throws RefusedError SESSION_ENDED: the key was used before, and its device has gone on since
 */
export async function openDevice(
  services: Pick<Services, 'db'>,
  parts: OpenParts,
  facts: FamilyKey & { readonly id: SessionId; readonly user: string; readonly session: string },
): Promise<Tokens> {
  try {
    await insertFamily(services.db, facts, facts)
  } catch (cause) {
    if (!(cause instanceof DuplicateKeyError)) throw cause
    const again = await reopenDevice(services, parts, facts)
    return again ?? refuse('SESSION_ENDED', 'This sign-in was used already: begin a new one.')
  }
  return await firstTokens(parts, facts.user, facts.id)
}

/** The first tokens once more, as long as nobody has used them. null: there is no such device. */
export async function reopenDevice(
  services: Pick<Services, 'db'>,
  parts: OpenParts,
  key: FamilyKey & { readonly id: SessionId },
): Promise<Tokens | null> {
  const family = await findFamily(services.db, key)
  if (family === null || !family.is_alive || family.generation > 0) return null
  return await firstTokens(parts, family.user_id, key.id)
}

async function firstTokens(parts: OpenParts, user: string, session: SessionId): Promise<Tokens> {
  const { token, expiresInMs } = await parts.issuer.issue({ subject: user, session })
  const refreshToken = parts.refreshTokens.make({ session, generation: 0 })
  return { kind: 'signed-in', accessToken: token, expiresInMs, refreshToken }
}

export type Known = {
  readonly parts: OpenParts
  readonly region: string
  readonly home: HomeAccounts
  readonly account: Account
}

/** @throws RefusedError NOT_FOUND: whoever calls has no account here */
export async function accountOfCaller(
  services: Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'regions'>,
  caller: Pick<Person, 'id'>,
): Promise<Known> {
  const parts = accountsOf(services)
  const region = services.regions.homeOf('usr', caller.id)
  const home = region === null ? null : parts.book.in(region)
  const account = await home?.find(caller.id)
  if (region === null || home === null || !account) return refuse('NOT_FOUND', 'No such account.')
  return { parts, region, home, account }
}

export type Device = Known & {
  readonly key: { readonly region: string; readonly id: SessionId }
  readonly who: AccountSession
}

/**
 * The caller's device, read and not believed: an access token outlives its session by minutes.
 * @throws RefusedError SESSION_ENDED | NOT_FOUND
 */
export async function deviceOfCaller(
  services: Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'regions' | 'db'>,
  caller: Pick<Person, 'id' | 'session'>,
): Promise<Device> {
  const known = await accountOfCaller(services, caller)
  const { region } = known
  const id = caller.session as SessionId | null
  const family = id === null ? null : await findFamily(services.db, { region, id })
  if (id === null || family === null || !family.is_alive || family.user_id !== caller.id) {
    return sessionEnded()
  }
  const who = { user: caller.id, session: family.session_id }
  return { ...known, key: { region, id }, who }
}

export function sessionEnded(): never {
  refuse('SESSION_ENDED', 'This session has ended: sign in again.')
}
