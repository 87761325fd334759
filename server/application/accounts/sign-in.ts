/**
 * Signing in with a password, and with a second factor where there is one. An address that nobody
 * has and a wrong password are one answer and one amount of work.
 */
import { refuse } from '../../domain/refusal.ts'
import { regionCodePattern } from '../../platform/ids.ts'
import { endFamily } from '../../stores/accounts/refresh-families.ts'
import type { Services } from '../services.ts'
import { accountsOf, homeOfAddress } from './account-parts.ts'
import { deviceFor, openDevice, reopenDevice, type Tokens } from './device.ts'
import { type FromAddress, guessing } from './guesses.ts'
import { sendCodeLetter } from './letters.ts'

type Needs = Pick<
  Services,
  'attempts' | 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions' | 'metrics' | 'log'
> &
  FromAddress

export type SignInAnswer = Tokens | { readonly kind: 'second-factor'; readonly challenge: string }

/** @throws RefusedError WRONG_CREDENTIALS | EMAIL_UNVERIFIED | SESSION_ENDED | RATE_LIMITED */
export async function signIn(
  services: Needs,
  input: { readonly email: string; readonly password: string; readonly key: string },
): Promise<SignInAnswer> {
  const parts = accountsOf(services)
  const { email, password, key } = input
  const { home, region, hash } = await homeOfAddress(services, parts, email)
  const found = await guessing(services, { kind: 'password', subject: hash }, async () => {
    const outcome = await home.signIn({ email, password })
    return { outcome, wasRight: outcome.kind !== 'wrong' }
  })
  services.metrics.count('frontrow.accounts.sign_ins', { outcome: found.kind })
  switch (found.kind) {
    case 'wrong':
      return wrongCredentials()
    case 'unverified': {
      const made = await home.newCode(email, 'verify-email')
      if (made !== null) {
        sendCodeLetter(parts.mail, made.account, { code: made.code, template: 'verify-email' })
      }
      return refuse('EMAIL_UNVERIFIED', 'Confirm your address first: a new code is on its way.')
    }
    case 'second-factor':
      return found
    case 'signed-in': {
      const { account, session } = found
      const id = deviceFor(services.regions.codeOf(region), [account.id, key])
      return await openDevice(services, parts, { region, id, user: account.id, session })
    }
  }
}

const challengeForm = new RegExp(`^chl_(${regionCodePattern})_`)

/**
 * The second step. Sent again after a lost answer, with the same three values, it answers as before.
 * @throws RefusedError WRONG_CREDENTIALS | SESSION_ENDED | RATE_LIMITED
 */
export async function signInSecondFactor(
  services: Needs,
  input: { readonly challenge: string; readonly code: string; readonly key: string },
): Promise<Tokens> {
  const parts = accountsOf(services)
  const { challenge, code, key } = input
  const regionCode = challengeForm.exec(challenge)?.[1] ?? ''
  const region = services.regions.all.find((each) => each.code === regionCode)?.name
  if (region === undefined) return challengeEnded()
  const id = deviceFor(regionCode, [challenge, code, key])
  const before = await reopenDevice(services, parts, { region, id })
  if (before !== null) return before
  const guess = { kind: 'second-factor', subject: parts.addressHash(challenge) } as const
  const found = await guessing(services, guess, async () => {
    const outcome = await parts.book.in(region).secondFactor({ challenge, code })
    return { outcome, wasRight: outcome.kind === 'signed-in' }
  })
  const outcome = found.kind === 'signed-in' ? 'second-factor-right' : `second-factor-${found.kind}`
  services.metrics.count('frontrow.accounts.sign_ins', { outcome })
  switch (found.kind) {
    case 'wrong':
      return wrongCredentials()
    case 'locked':
      return refuse('RATE_LIMITED', 'Too many wrong codes: wait some minutes.')
    case 'ended':
      return challengeEnded()
    case 'signed-in':
      return await openDevice(services, parts, {
        region,
        id,
        user: found.account.id,
        session: found.session,
      })
  }
}

export function wrongCredentials(): never {
  refuse('WRONG_CREDENTIALS', 'These do not fit together.')
}

function challengeEnded(): never {
  refuse('SESSION_ENDED', 'This sign-in has ended: begin with the password again.')
}

/** Ends the device of a refresh token, whoever shows it. Ending twice is ending once. */
export async function signOut(
  services: Pick<Services, 'accounts' | 'accessIssuer' | 'mail' | 'db' | 'regions'>,
  { refreshToken }: { readonly refreshToken: string },
): Promise<{ ended: true }> {
  const claim = accountsOf(services).refreshTokens.read(refreshToken)
  const region = claim === null ? null : services.regions.homeOf('ses', claim.session)
  if (claim !== null && region !== null) {
    await endFamily(services.db, { region, id: claim.session }, 'sign-out')
  }
  return { ended: true }
}
