/** Mails a new code, which replaces the one before, to whoever has the address; or to nobody. */
import type { CodePurpose } from '../../domain/accounts.ts'
import type { Services } from '../services.ts'
import { accountsOf, homeOfAddress } from './account-parts.ts'
import { sendCodeLetter } from './letters.ts'

type Needs = Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'>

/** The answer says nothing about the address. */
export async function sendCode(
  services: Needs,
  { email, purpose }: { readonly email: string; readonly purpose: CodePurpose },
): Promise<{ sent: true }> {
  const parts = accountsOf(services)
  const { home } = await homeOfAddress(services, parts, email)
  const made = await home.newCode(email, purpose)
  const isNeeded = made !== null && !(purpose === 'verify-email' && made.account.isVerified)
  if (isNeeded) sendCodeLetter(parts.mail, made.account, { code: made.code, template: purpose })
  return { sent: true }
}
