/** A new password for whoever has the mailbox. Ends every session; the second factor stays. */

import { endFamiliesOf } from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { accountsOf, homeOfAddress } from './account-parts.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { sendNotice } from './letters.ts'
import { checkPassword } from './sign-up.ts'
import { type CodeProof, wrongCode } from './verify-email.ts'

type Needs = Pick<Services, 'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'> &
  FromAddress

/** @throws RefusedError CODE_WRONG | PASSWORD_UNFIT | RATE_LIMITED */
export async function resetPassword(services: Needs, proof: CodeProof): Promise<{ reset: true }> {
  const parts = accountsOf(services)
  checkPassword(proof.password, proof.email)
  const { home, hash, region } = await homeOfAddress(services, parts, proof.email)
  const done = await guessing(services, { kind: 'code', subject: hash }, async () => {
    const now = (await home.resetPassword(proof)) === 'done'
    // A repeated call: its code is used, and its password is the account's.
    const isSame = now || (await home.hasPassword(proof.email, proof.password))
    return { outcome: { now, isSame }, wasRight: isSame }
  })
  if (!done.isSame) return wrongCode()
  const account = await home.findByEmail(proof.email)
  if (account === null) return wrongCode()
  if (done.now) {
    const ended = { region, user: account.id, except: null, by: 'password' } as const
    await endFamiliesOf(services.db, ended)
    sendNotice(parts.mail, account, 'password-changed')
  }
  return { reset: true }
}
