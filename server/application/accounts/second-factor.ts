/** The second factor of who is signed in: an authenticator, and codes to write down. */
import type { Person } from '../../domain/access.ts'
import type { SecondFactorSetup } from '../../domain/accounts.ts'
import { refuse } from '../../domain/refusal.ts'
import { repointFamily } from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { deviceOfCaller, sessionEnded } from './device.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { wrongCredentials } from './sign-in.ts'
import { wrongCode } from './verify-email.ts'

type Needs = Pick<Services, 'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'> &
  FromAddress

/**
 * A secret for the authenticator, which counts once it is confirmed; begun again, it is another.
 * @throws RefusedError WRONG_CREDENTIALS | WRONG_STATE | SESSION_ENDED | RATE_LIMITED
 */
export async function beginSecondFactor(
  services: Needs,
  caller: Person,
  { password }: { readonly password: string },
): Promise<SecondFactorSetup> {
  const { account, home, parts, who } = await deviceOfCaller(services, caller)
  const guess = { kind: 'password', subject: parts.addressHash(account.email) } as const
  const setup = await guessing(services, guess, async () => {
    const outcome = await home.beginSecondFactor(who, password)
    return { outcome, wasRight: outcome !== 'wrong' }
  })
  if (setup === 'wrong') return wrongCredentials()
  if (setup === 'ended') return sessionEnded()
  if (setup === 'has-one') refuse('WRONG_STATE', 'There is a second factor: switch it off first.')
  return setup
}

/** @throws RefusedError CODE_WRONG | WRONG_STATE | SESSION_ENDED */
export async function confirmSecondFactor(
  services: Needs,
  caller: Person,
  { code }: { readonly code: string },
): Promise<{ enabled: true }> {
  const { account, home, key, who } = await deviceOfCaller(services, caller)
  const guess = { kind: 'second-factor', subject: account.id } as const
  const outcome = await guessing(services, guess, async () => {
    const now = await home.confirmSecondFactor(who, code)
    return { outcome: now, wasRight: now !== 'wrong' }
  })
  if (outcome === 'wrong') return wrongCode()
  if (outcome === 'ended') return sessionEnded()
  if (outcome === 'none') return refuse('WRONG_STATE', 'Begin with a new secret first.')
  await repointFamily(services.db, key, outcome.session)
  return { enabled: true }
}

/** @throws RefusedError WRONG_CREDENTIALS | SESSION_ENDED | RATE_LIMITED */
export async function endSecondFactor(
  services: Needs,
  caller: Person,
  { password }: { readonly password: string },
): Promise<{ disabled: true }> {
  const { account, home, key, parts, who } = await deviceOfCaller(services, caller)
  const guess = { kind: 'password', subject: parts.addressHash(account.email) } as const
  const outcome = await guessing(services, guess, async () => {
    const now = await home.endSecondFactor(who, password)
    return { outcome: now, wasRight: now !== 'wrong' }
  })
  if (outcome === 'wrong') return wrongCredentials()
  if (outcome === 'ended') return sessionEnded()
  await repointFamily(services.db, key, outcome.session)
  return { disabled: true }
}
