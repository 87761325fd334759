/**
 * Makes an account, or seems to: an address that has one answers alike, and only its owner's mail
 * tells. The directory is written first, so that two regions cannot make one address twice; what
 * breaks off after that is gone on with by signing up again, in the region of the first attempt.
 */
import { passwordFault } from '../../domain/password.ts'
import { refuse } from '../../domain/refusal.ts'
import { claimAddress } from '../../stores/accounts/directory.ts'
import type { Services } from '../services.ts'
import { accountsOf } from './account-parts.ts'
import { sendCodeLetter, sendNotice } from './letters.ts'

type Needs = Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions' | 'region'>

export type SignUpInput = {
  /** Lower-case. */
  readonly email: string
  readonly password: string
  readonly name: string
  readonly locale: string
  /** Where the person's data shall live; this server's region unless told. */
  readonly homeRegion?: string | undefined
}

/** @throws RefusedError PASSWORD_UNFIT | BAD_INPUT | WRONG_STATE | RATE_LIMITED */
export async function signUp(services: Needs, input: SignUpInput): Promise<{ sent: true }> {
  const parts = accountsOf(services)
  const { email, password, name, locale, homeRegion = services.region } = input
  checkPassword(password, email)
  if (!services.regions.has(homeRegion)) {
    refuse('BAD_INPUT', 'homeRegion must be a region of this installation.', {
      regions: services.regions.all.map((region) => region.name),
    })
  }
  const region = await claimAddress(services.db, parts.addressHash(email), homeRegion)
  const { account, code } = await parts.book.in(region).signUp({ email, password, name, locale })
  if (account.isVerified) sendNotice(parts.mail, account, 'already-registered')
  else sendCodeLetter(parts.mail, { email, locale }, { code, template: 'verify-email' })
  return { sent: true }
}

/** @throws RefusedError PASSWORD_UNFIT */
export function checkPassword(password: string, email: string): void {
  const fault = passwordFault(password, email)
  if (fault !== null) refuse('PASSWORD_UNFIT', fault)
}
