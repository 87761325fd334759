/**
 * What somebody who is signed in changes. The library wants its own session's token for it; it is
 * read by the session's id, so that it never has to leave the server.
 */
import type { AccountEdit, AccountSession, SecondFactorSetup } from '../../domain/accounts.ts'
import { codeOutcome } from './address-proof.ts'
import type { Home } from './home.ts'
import { callLibrary, LibraryRefusal } from './library-call.ts'
import { signedInBy } from './sign-in.ts'

export async function changePassword(
  home: Home,
  who: AccountSession,
  change: { readonly currentPassword: string; readonly newPassword: string },
): Promise<'done' | 'wrong' | 'ended'> {
  const body = { ...change, revokeOtherSessions: false }
  return await asSignedIn(home, who, async (headers) => {
    try {
      await callLibrary(() => home.library.api.changePassword({ body, headers }))
      return 'done'
    } catch (cause) {
      if (isRefusal(cause, ...wrongPassword)) return 'wrong'
      throw cause
    }
  })
}

export async function newEmailCode(
  home: Home,
  who: AccountSession,
  newEmail: string,
): Promise<{ readonly code: string | null } | 'ended'> {
  return await asSignedIn(home, who, async (headers) => {
    const { code } = await callLibrary(() =>
      home.library.api.requestEmailChangeEmailOTP({ body: { newEmail }, headers }),
    )
    return { code }
  })
}

export async function changeEmail(
  home: Home,
  who: AccountSession,
  { newEmail, code: otp }: { readonly newEmail: string; readonly code: string },
): Promise<'done' | 'wrong' | 'ended'> {
  return await asSignedIn(home, who, (headers) =>
    codeOutcome(() => home.library.api.changeEmailEmailOTP({ body: { newEmail, otp }, headers })),
  )
}

export async function beginSecondFactor(
  home: Home,
  who: AccountSession,
  password: string,
): Promise<SecondFactorSetup | 'wrong' | 'ended' | 'has-one'> {
  return await asSignedIn(home, who, async (headers) => {
    try {
      const { answer } = await callLibrary(() =>
        home.library.api.enableTwoFactor({ body: { password, method: 'totp' }, headers }),
      )
      if (answer.method !== 'totp') throw new TypeError('an authenticator was asked for')
      return { uri: answer.totpURI, backupCodes: answer.backupCodes }
    } catch (cause) {
      if (isRefusal(cause, ...wrongPassword)) return 'wrong'
      if (isRefusal(cause, 'TOTP_ALREADY_ENABLED')) return 'has-one'
      throw cause
    }
  })
}

/** The library puts a new session in the place of the old one. */
export async function confirmSecondFactor(
  home: Home,
  who: AccountSession,
  code: string,
): Promise<{ readonly session: string } | 'wrong' | 'ended' | 'none'> {
  return await asSignedIn(home, who, async (headers) => {
    try {
      const { answer } = await callLibrary(() =>
        home.library.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }),
      )
      return { session: await sessionAfter(home, who, answer.headers) }
    } catch (cause) {
      if (isRefusal(cause, 'INVALID_CODE')) return 'wrong'
      if (isRefusal(cause, 'TOTP_NOT_ENABLED')) return 'none'
      throw cause
    }
  })
}

export async function endSecondFactor(
  home: Home,
  who: AccountSession,
  password: string,
): Promise<{ readonly session: string } | 'wrong' | 'ended'> {
  return await asSignedIn(home, who, async (headers) => {
    try {
      const { answer } = await callLibrary(() =>
        home.library.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }),
      )
      return { session: await sessionAfter(home, who, answer.headers) }
    } catch (cause) {
      if (isRefusal(cause, ...wrongPassword)) return 'wrong'
      throw cause
    }
  })
}

/** False: the row is not as it was when its version was read. */
export async function updateAccount(
  home: Home,
  user: string,
  change: AccountEdit,
): Promise<boolean> {
  const { version, name, locale } = change
  const now = new Date(Math.max(Date.now(), version + 1))
  const set = {
    updated_at: now,
    ...(name === undefined ? {} : { name }),
    ...(locale === undefined ? {} : { locale }),
  }
  const where = [
    { column: 'id', operator: '=', value: user },
    { column: 'updated_at', operator: '=', value: new Date(version) },
  ] as const
  return (await home.rows.update('users', { where, set })).length > 0
}

/** A password that none may have is nobody's, too. */
const wrongPassword = ['INVALID_PASSWORD', 'PASSWORD_TOO_LONG', 'PASSWORD_TOO_SHORT']

/** What the library says of a session that ended between our look at it and its own. */
const endedMeanwhile = ['UNAUTHORIZED', 'INVALID_TWO_FACTOR_COOKIE']

async function asSignedIn<T>(
  home: Home,
  who: AccountSession,
  work: (headers: Headers) => Promise<T>,
): Promise<T | 'ended'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  try {
    return await work(headers)
  } catch (cause) {
    if (isRefusal(cause, ...endedMeanwhile)) return 'ended'
    throw cause
  }
}

async function headersOf(home: Home, who: AccountSession): Promise<Headers | null> {
  const where = [
    { column: 'id', operator: '=', value: who.session },
    { column: 'user_id', operator: '=', value: who.user },
  ] as const
  const [row] = await home.rows.find('sessions', { where, limit: 1 })
  const token = row?.['token']
  return typeof token === 'string' ? new Headers({ authorization: `Bearer ${token}` }) : null
}

async function sessionAfter(home: Home, who: AccountSession, headers: Headers): Promise<string> {
  const token = headers.get('set-auth-token')
  if (token === null) return who.session
  const [bare = ''] = decodeURIComponent(token).split('.')
  return (await signedInBy(home, bare)).session
}

function isRefusal(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof LibraryRefusal && codes.includes(cause.code)
}
