/**
 * Proving an address. Nobody is whom they say until a code from the mailbox comes back, so an
 * account that is not proven can be taken over by whoever has the mailbox: the password that comes
 * with the code becomes the account's, and a stranger who signed up first with the address is out.
 */
import type { Account, CodeOutcome, CodePurpose, NewCode } from '../../domain/accounts.ts'
import { present } from '../../platform/assert.ts'
import { limits } from '../../platform/limits.ts'
import { accountOf, findByEmail, type Home, internalsOf } from './home.ts'
import { callLibrary, LibraryRefusal } from './library-call.ts'

const otpTypes = {
  'verify-email': 'email-verification',
  'reset-password': 'forget-password',
} as const satisfies Record<CodePurpose, string>

export async function signUp(
  home: Home,
  person: {
    readonly email: string
    readonly password: string
    readonly name: string
    readonly locale: string
  },
): Promise<{ readonly account: Account; readonly code: string }> {
  const { email, password, name, locale } = person
  // In every case, so that an address that is known takes as long as a new one.
  const hash = await home.passwords.hash(password)
  const known = await findByEmail(home, email)
  const account = known ?? (await makeAccount(home, { email, name, locale, hash }))
  const { code } = await newCode(home, email, 'verify-email').then((made) =>
    present(made, 'a code for an account that is there'),
  )
  return { account, code }
}

async function makeAccount(
  home: Home,
  facts: { email: string; name: string; locale: string; hash: string },
): Promise<Account> {
  const { email, name, locale, hash } = facts
  const internals = await internalsOf(home)
  try {
    const user = await internals.createUser(
      { email, name, locale, emailVerified: false },
      { method: 'email-password' },
    )
    await internals.createAccount({
      userId: user.id,
      accountId: user.id,
      providerId: 'credential',
      password: hash,
    })
    return accountOf(user)
  } catch (cause) {
    // Somebody else signed up with it in this moment, or this call was sent twice.
    const rival = await findByEmail(home, email)
    if (rival === null) throw cause
    return rival
  }
}

export async function newCode(home: Home, email: string, purpose: CodePurpose): Promise<NewCode> {
  const { code } = await callLibrary(() =>
    home.library.api.sendVerificationOTP({ body: { email, type: otpTypes[purpose] } }),
  )
  if (code === null) return null
  const account = await findByEmail(home, email)
  return account === null ? null : { code, account }
}

type Proof = { readonly email: string; readonly code: string; readonly password: string }

/**
 * The password first, then the mark: a crash in between leaves an account that is not proven, and
 * whoever has the mailbox asks for another code. Of calls that race with one code, one goes on.
 */
export async function verifyEmail(home: Home, proof: Proof): Promise<CodeOutcome> {
  const { email, code: otp, password } = proof
  const { api } = home.library
  return await codeOutcome(async () => {
    await api.checkVerificationOTP({ body: { email, otp, type: 'email-verification' } })
    const account = await findByEmail(home, email)
    if (account !== null && !account.isVerified) {
      const hash = await home.passwords.hash(password)
      const internals = await internalsOf(home)
      const isFirst = await internals.reserveVerificationValue({
        identifier: `email-proof-${account.id}-${otp}`,
        value: 'used',
        expiresAt: new Date(Date.now() + limits.mailCodeMs),
      })
      if (!isFirst) throw new LibraryRefusal('INVALID_OTP')
      if ((await internals.findCredentialAccount(account.id)) === null) {
        const { id } = account
        const credential = { userId: id, accountId: id, providerId: 'credential', password: hash }
        await internals.createAccount(credential)
      } else {
        await internals.updatePassword(account.id, hash)
      }
    }
    await api.verifyEmailOTP({ body: { email, otp } })
  })
}

export async function resetPassword(home: Home, proof: Proof): Promise<CodeOutcome> {
  const { email, code: otp, password } = proof
  return await codeOutcome(() =>
    home.library.api.resetPasswordEmailOTP({ body: { email, otp, password } }),
  )
}

export async function hasPassword(home: Home, email: string, password: string): Promise<boolean> {
  const internals = await internalsOf(home)
  const found = await internals.findUserByEmail(email, { includeAccounts: true })
  const hash = found?.accounts.find(({ providerId }) => providerId === 'credential')?.password
  if (hash === undefined || hash === null) {
    await home.passwords.hash(password)
    return false
  }
  return await home.passwords.verify({ hash, password })
}

/** What the library says of a code that does not fit, is not there, has expired or was tried out. */
const wrongCode = new Set(['INVALID_OTP', 'OTP_EXPIRED', 'TOO_MANY_ATTEMPTS', 'USER_NOT_FOUND'])

export async function codeOutcome(work: () => Promise<unknown>): Promise<CodeOutcome> {
  try {
    await callLibrary(work)
    return 'done'
  } catch (cause) {
    if (cause instanceof LibraryRefusal && wrongCode.has(cause.code)) return 'wrong'
    throw cause
  }
}
