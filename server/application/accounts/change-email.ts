/**
 * Another address: asked for with the password, proven with a code from the new mailbox, told to
 * the old one. The directory learns of the new address before the account has it.
 */
import type { Person } from '../../domain/access.ts'
import { claimAddress, findHomeOf, releaseAddress } from '../../stores/accounts/directory.ts'
import { DuplicateKeyError } from '../../stores/outcome.ts'
import type { Services } from '../services.ts'
import { type Device, deviceOfCaller, sessionEnded } from './device.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { sendCodeLetter, sendNotice } from './letters.ts'
import { wrongCredentials } from './sign-in.ts'
import { wrongCode } from './verify-email.ts'

type Needs = Pick<Services, 'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'> &
  FromAddress

/** The answer does not say whether somebody has the new address. */
export async function requestEmailChange(
  services: Needs,
  caller: Person,
  wish: { readonly newEmail: string; readonly password: string },
): Promise<{ sent: true }> {
  const device = await deviceOfCaller(services, caller)
  const { account, home, parts, who } = device
  const guess = { kind: 'password', subject: parts.addressHash(account.email) } as const
  const isRight = await guessing(services, guess, async () => {
    const outcome = await home.hasPassword(account.email, wish.password)
    return { outcome, wasRight: outcome }
  })
  if (!isRight) return wrongCredentials()
  if (wish.newEmail === account.email) return { sent: true }
  const isTaken = await hasAccount(services, device, wish.newEmail)
  const made = await home.newEmailCode(who, wish.newEmail)
  if (made === 'ended') return sessionEnded()
  if (!isTaken && made.code !== null) {
    const reader = { email: wish.newEmail, locale: account.locale }
    sendCodeLetter(parts.mail, reader, { code: made.code, template: 'change-email' })
  }
  return { sent: true }
}

/** @throws RefusedError CODE_WRONG | SESSION_ENDED | RATE_LIMITED */
export async function confirmEmailChange(
  services: Needs,
  caller: Person,
  proof: { readonly newEmail: string; readonly code: string },
): Promise<{ changed: true }> {
  const device = await deviceOfCaller(services, caller)
  const { account, home, parts, who, region } = device
  // A repeated call: the account has the address.
  if (proof.newEmail === account.email) return { changed: true }
  const hash = parts.addressHash(proof.newEmail)
  const outcome = await guessing(services, { kind: 'code', subject: hash }, async () => {
    const claimed = await claimAddress(services.db, hash, region)
    const now = claimed === region ? await changed(() => home.changeEmail(who, proof)) : 'wrong'
    return { outcome: now, wasRight: now === 'done' }
  })
  if (outcome !== 'done' && !(await hasAccount(services, device, proof.newEmail))) {
    await releaseAddress(services.db, hash, region)
  }
  if (outcome === 'ended') return sessionEnded()
  if (outcome === 'wrong') return wrongCode()
  await releaseAddress(services.db, parts.addressHash(account.email), region)
  sendNotice(parts.mail, account, 'email-changed')
  return { changed: true }
}

/** Somebody else may have taken the address in this very moment. */
async function changed<T>(work: () => Promise<T>): Promise<T | 'wrong'> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof DuplicateKeyError) return 'wrong'
    throw cause
  }
}

async function hasAccount(services: Needs, { parts }: Device, email: string): Promise<boolean> {
  const home = await findHomeOf(services.db, parts.addressHash(email))
  return home !== null && (await parts.book.in(home).findByEmail(email)) !== null
}
