/**
 * Signing in, in one step or two. The library keeps its state in signed cookies; they are made into
 * values here: the challenge of the second step goes to the caller, the session's token to nobody.
 */
import type { SecondFactorFailure, SignedIn, SignIn } from '../../domain/accounts.ts'
import { refuse } from '../../domain/refusal.ts'
import { present } from '../../platform/assert.ts'
import { limits } from '../../platform/limits.ts'
import { accountOf, type Home, internalsOf } from './home.ts'
import { callLibrary, LibraryRefusal } from './library-call.ts'

const challengeCookie = 'two_factor'
/** The library's word for a session that is not there. */
const endedMeanwhile = 'UNAUTHORIZED'

export async function signIn(
  home: Home,
  credentials: { readonly email: string; readonly password: string },
): Promise<SignIn> {
  try {
    const { answer } = await callLibrary(() =>
      home.library.api.signInEmail({ body: credentials, returnHeaders: true }),
    )
    if ('token' in answer.response && typeof answer.response.token === 'string') {
      return { kind: 'signed-in', ...(await signedInBy(home, answer.response.token)) }
    }
    const cookie = present(
      await cookieOf(home, answer.headers, challengeCookie),
      'the cookie of a challenge',
    )
    return { kind: 'second-factor', challenge: challengeFrom(home, cookie) }
  } catch (cause) {
    if (!(cause instanceof LibraryRefusal)) throw cause
    if (cause.code === 'EMAIL_NOT_VERIFIED') return { kind: 'unverified' }
    if (wrongCredentials.has(cause.code)) return { kind: 'wrong' }
    if (cause.code === endedMeanwhile)
      refuse('SESSION_ENDED', 'This session has ended: sign in again.')
    throw cause
  }
}

/** No account has a password that none may have. */
const wrongCredentials: ReadonlySet<string> = new Set([
  'INVALID_EMAIL_OR_PASSWORD',
  'PASSWORD_TOO_LONG',
  'PASSWORD_TOO_SHORT',
])

type SecondFactor = ({ readonly kind: 'signed-in' } & SignedIn) | SecondFactorFailure

export async function secondFactor(
  home: Home,
  proof: { readonly challenge: string; readonly code: string },
): Promise<SecondFactor> {
  const cookie = cookieIn(proof.challenge)
  const name = (await home.library.$context).createAuthCookie(challengeCookie).name
  const headers = new Headers({ cookie: `${name}=${cookie}` })
  const isOfAuthenticator = /^\d{6}$/.test(proof.code)
  const wish = { body: { code: proof.code }, headers }
  try {
    const { answer } = await callLibrary(() =>
      isOfAuthenticator
        ? home.library.api.verifyTOTP(wish)
        : home.library.api.verifyBackupCode(wish),
    )
    const signedIn = await signedInBy(home, present(tokenIn(answer), 'the token of a session'))
    if (isOfAuthenticator && !(await isFirstUse(home, signedIn, proof.code))) {
      return { kind: 'wrong' }
    }
    return { kind: 'signed-in', ...signedIn }
  } catch (cause) {
    return { kind: failureOf(cause) }
  }
}

function tokenIn(answer: { readonly token?: unknown }): string | null {
  return typeof answer.token === 'string' ? answer.token : null
}

const failures: Readonly<Record<string, SecondFactorFailure['kind']>> = {
  INVALID_CODE: 'wrong',
  INVALID_BACKUP_CODE: 'wrong',
  TOTP_NOT_ENABLED: 'wrong',
  BACKUP_CODES_NOT_ENABLED: 'wrong',
  INVALID_TWO_FACTOR_COOKIE: 'ended',
  UNAUTHORIZED: 'ended',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'ended',
  ACCOUNT_TEMPORARILY_LOCKED: 'locked',
}

/** @throws what is no answer to the caller */
function failureOf(cause: unknown): SecondFactorFailure['kind'] {
  const kind = cause instanceof LibraryRefusal ? failures[cause.code] : undefined
  if (kind === undefined) throw cause
  return kind
}

/** A code that was seen once is no proof any more (RFC 6238, 5.2); the library would take it again. */
async function isFirstUse(home: Home, signedIn: SignedIn, code: string): Promise<boolean> {
  const internals = await internalsOf(home)
  const isFirst = await internals.reserveVerificationValue({
    identifier: `authenticator-code-${signedIn.account.id}-${code}`,
    value: 'used',
    expiresAt: new Date(Date.now() + limits.authenticatorCodeMs),
  })
  if (!isFirst) {
    const where = [{ column: 'id', operator: '=', value: signedIn.session }] as const
    await home.rows.remove('sessions', where)
  }
  return isFirst
}

export async function signedInBy(home: Home, token: string): Promise<SignedIn> {
  const found = await (await internalsOf(home)).findSession(token)
  // Somebody has signed out everywhere since it was made.
  if (found === null) throw new LibraryRefusal(endedMeanwhile)
  const { user, session } = found
  return { account: accountOf(user), session: session.id }
}

/** The value of a cookie that the library set, as it stands in the header. */
async function cookieOf(home: Home, headers: Headers, suffix: string): Promise<string | null> {
  const { name } = (await home.library.$context).createAuthCookie(suffix)
  const line = headers.getSetCookie().find((text) => text.startsWith(`${name}=`))
  return line?.slice(name.length + 1).split(';')[0] ?? null
}

/** `chl_use1_…`: it says where it belongs; the library's signature holds it together. */
function challengeFrom({ regionCode }: Home, cookie: string): string {
  return `chl_${regionCode}_${Buffer.from(cookie).toString('base64url')}`
}

/** Whatever is no value of a cookie is none of ours. */
function cookieIn(challenge: string): string {
  const text = Buffer.from(challenge.split('_').slice(2).join('_'), 'base64url').toString('latin1')
  return /^[\x21-\x3a\x3c-\x7e]*$/.test(text) ? text : ''
}
