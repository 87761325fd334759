/**
 * Proves the address with the code from its mailbox. The password that comes with it becomes the
 * account's: nobody who merely signed up first with somebody else's address can get in later.
 */
import { refuse } from '../../domain/refusal.ts'
import type { Services } from '../services.ts'
import { accountsOf, homeOfAddress } from './account-parts.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { checkPassword } from './sign-up.ts'

type Needs = Pick<Services, 'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'> &
  FromAddress

export type CodeProof = {
  readonly email: string
  readonly code: string
  readonly password: string
}

/** @throws RefusedError CODE_WRONG | PASSWORD_UNFIT | RATE_LIMITED */
export async function verifyEmail(services: Needs, proof: CodeProof): Promise<{ verified: true }> {
  const parts = accountsOf(services)
  checkPassword(proof.password, proof.email)
  const { home, hash } = await homeOfAddress(services, parts, proof.email)
  const isDone = await guessing(services, { kind: 'code', subject: hash }, async () => {
    const now = (await home.verifyEmail(proof)) === 'done'
    // A repeated call: its code is used, and its password is the account's.
    const before = now ? false : await home.hasPassword(proof.email, proof.password)
    const isVerified = before && (await home.findByEmail(proof.email))?.isVerified === true
    return { outcome: now || isVerified, wasRight: now || isVerified }
  })
  if (!isDone) wrongCode()
  return { verified: true }
}

export function wrongCode(): never {
  refuse('CODE_WRONG', 'The code is wrong, was used before or has expired.')
}
