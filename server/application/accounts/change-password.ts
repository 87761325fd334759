/** A new password for who is signed in and knows the old one. Ends all other sessions. */
import type { Person } from '../../domain/access.ts'
import { endFamiliesOf } from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { deviceOfCaller, sessionEnded } from './device.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { sendNotice } from './letters.ts'
import { wrongCredentials } from './sign-in.ts'
import { checkPassword } from './sign-up.ts'

type Needs = Pick<Services, 'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'> &
  FromAddress

/** @throws RefusedError WRONG_CREDENTIALS | PASSWORD_UNFIT | SESSION_ENDED | RATE_LIMITED */
export async function changePassword(
  services: Needs,
  caller: Person,
  change: { readonly currentPassword: string; readonly newPassword: string },
): Promise<{ changed: true }> {
  const { account, home, key, parts, who, region } = await deviceOfCaller(services, caller)
  checkPassword(change.newPassword, account.email)
  const subject = parts.addressHash(account.email)
  const outcome = await guessing(services, { kind: 'password', subject }, async () => {
    const now = await home.changePassword(who, change)
    // A repeated call: what was to be the password is it.
    const isSame = now === 'wrong' && (await home.hasPassword(account.email, change.newPassword))
    return { outcome: isSame ? 'done' : now, wasRight: isSame || now !== 'wrong' } as const
  })
  if (outcome === 'wrong') return wrongCredentials()
  if (outcome === 'ended') return sessionEnded()
  await endFamiliesOf(services.db, { region, user: account.id, except: key.id, by: 'password' })
  sendNotice(parts.mail, account, 'password-changed')
  return { changed: true }
}
