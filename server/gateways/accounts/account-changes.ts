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
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  const body = { ...change, revokeOtherSessions: false }
  const failed = await failureOf(() => home.library.api.changePassword({ body, headers }))
  return failed ?? 'done'
}

export async function newEmailCode(
  home: Home,
  who: AccountSession,
  newEmail: string,
): Promise<{ readonly code: string | null } | 'ended'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  const { code } = await callLibrary(() =>
    home.library.api.requestEmailChangeEmailOTP({ body: { newEmail }, headers }),
  )
  return { code }
}

export async function changeEmail(
  home: Home,
  who: AccountSession,
  { newEmail, code: otp }: { readonly newEmail: string; readonly code: string },
): Promise<'done' | 'wrong' | 'ended'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  return await codeOutcome(() =>
    home.library.api.changeEmailEmailOTP({ body: { newEmail, otp }, headers }),
  )
}

export async function beginSecondFactor(
  home: Home,
  who: AccountSession,
  password: string,
): Promise<SecondFactorSetup | 'wrong' | 'ended' | 'has-one'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  try {
    const { answer } = await callLibrary(() =>
      home.library.api.enableTwoFactor({ body: { password, method: 'totp' }, headers }),
    )
    if (answer.method !== 'totp') throw new TypeError('an authenticator was asked for')
    return { uri: answer.totpURI, backupCodes: answer.backupCodes }
  } catch (cause) {
    if (!(cause instanceof LibraryRefusal)) throw cause
    if (cause.code === 'INVALID_PASSWORD') return 'wrong'
    if (cause.code === 'TOTP_ALREADY_ENABLED') return 'has-one'
    throw cause
  }
}

/** The library puts a new session in the place of the old one. */
export async function confirmSecondFactor(
  home: Home,
  who: AccountSession,
  code: string,
): Promise<{ readonly session: string } | 'wrong' | 'ended' | 'none'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  try {
    const { answer } = await callLibrary(() =>
      home.library.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }),
    )
    return { session: await sessionAfter(home, who, answer.headers) }
  } catch (cause) {
    if (!(cause instanceof LibraryRefusal)) throw cause
    if (cause.code === 'INVALID_CODE') return 'wrong'
    if (cause.code === 'TOTP_NOT_ENABLED') return 'none'
    throw cause
  }
}

export async function endSecondFactor(
  home: Home,
  who: AccountSession,
  password: string,
): Promise<{ readonly session: string } | 'wrong' | 'ended'> {
  const headers = await headersOf(home, who)
  if (headers === null) return 'ended'
  try {
    const { answer } = await callLibrary(() =>
      home.library.api.disableTwoFactor({ body: { password }, headers, returnHeaders: true }),
    )
    return { session: await sessionAfter(home, who, answer.headers) }
  } catch (cause) {
    if (cause instanceof LibraryRefusal && cause.code === 'INVALID_PASSWORD') return 'wrong'
    throw cause
  }
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

async function failureOf(work: () => Promise<unknown>): Promise<'wrong' | 'ended' | null> {
  try {
    await callLibrary(work)
    return null
  } catch (cause) {
    if (!(cause instanceof LibraryRefusal)) throw cause
    if (cause.code === 'INVALID_PASSWORD') return 'wrong'
    if (cause.code === 'UNAUTHORIZED') return 'ended'
    throw cause
  }
}
