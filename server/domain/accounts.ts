/**
 * Accounts of persons, as use-cases see them: the port behind which the accounts library works.
 * Everything is of one home region; personal data leaves it only in answers to its owner and in
 * letters. Wrong credentials are outcomes here, never errors.
 */
import type { UserId } from '../platform/ids.ts'

export type Account = {
  readonly id: UserId
  readonly email: string
  readonly name: string
  readonly locale: string
  readonly isVerified: boolean
  readonly hasSecondFactor: boolean
  readonly createdAtMs: number
  /** Grows with every change: the version for whoever edits. */
  readonly updatedAtMs: number
}

/** What a code that goes out by mail is for. */
export type CodePurpose = 'verify-email' | 'reset-password'

/** A code and whose it is; null when nobody has the address (the same work was done). */
export type NewCode = { readonly code: string; readonly account: Account } | null

/** A proven sign-in: the account and the library's session, which never leaves the server. */
export type SignedIn = { readonly account: Account; readonly session: string }

export type SignIn =
  | ({ readonly kind: 'signed-in' } & SignedIn)
  | { readonly kind: 'second-factor'; readonly challenge: string }
  /** The password was right. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'wrong' }

export type CodeOutcome = 'done' | 'wrong'

/** Who calls with which library session behind the access token. */
export type AccountSession = { readonly user: string; readonly session: string }

export type HomeAccounts = {
  readonly findByEmail: (email: string) => Promise<Account | null>
  readonly find: (user: string) => Promise<Account | null>
  /**
   * Makes the account unless the address has one; then nothing of it changes. A code for the
   * address is made in each case; whether it may be mailed, `account.isVerified` says.
   */
  readonly signUp: (person: {
    readonly email: string
    readonly password: string
    readonly name: string
    readonly locale: string
  }) => Promise<{ readonly account: Account; readonly code: string }>
  readonly newCode: (email: string, purpose: CodePurpose) => Promise<NewCode>
  /** Who has the code has the mailbox: the password given with it becomes the account's. */
  readonly verifyEmail: (proof: {
    readonly email: string
    readonly code: string
    readonly password: string
  }) => Promise<CodeOutcome>
  /** Ends all of the library's sessions. */
  readonly resetPassword: (proof: {
    readonly email: string
    readonly code: string
    readonly password: string
  }) => Promise<CodeOutcome>
  /** Is this the account's password? The work is the same for an address that nobody has. */
  readonly hasPassword: (email: string, password: string) => Promise<boolean>
  readonly signIn: (credentials: {
    readonly email: string
    readonly password: string
  }) => Promise<SignIn>
  /** @param proof.code of an authenticator, or a backup code */
  readonly secondFactor: (proof: {
    readonly challenge: string
    readonly code: string
  }) => Promise<({ readonly kind: 'signed-in' } & SignedIn) | SecondFactorFailure>
  /** `wrong`: the current password does not fit; 'ended': the session has. */
  readonly changePassword: (
    who: AccountSession,
    change: { readonly currentPassword: string; readonly newPassword: string },
  ) => Promise<'done' | 'wrong' | 'ended'>
  readonly newEmailCode: (
    who: AccountSession,
    newEmail: string,
  ) => Promise<{ readonly code: string | null } | 'ended'>
  readonly changeEmail: (
    who: AccountSession,
    change: { readonly newEmail: string; readonly code: string },
  ) => Promise<'done' | 'wrong' | 'ended'>
  readonly beginSecondFactor: (
    who: AccountSession,
    password: string,
  ) => Promise<SecondFactorSetup | 'wrong' | 'ended' | 'has-one'>
  /** @returns the session that goes on instead of the old one */
  readonly confirmSecondFactor: (
    who: AccountSession,
    code: string,
  ) => Promise<{ readonly session: string } | 'wrong' | 'ended' | 'none'>
  readonly endSecondFactor: (
    who: AccountSession,
    password: string,
  ) => Promise<{ readonly session: string } | 'wrong' | 'ended'>
  /** False: somebody changed the account since `version` was read. */
  readonly update: (user: string, change: AccountEdit) => Promise<boolean>
}

export type AccountEdit = {
  /** `updatedAtMs` as it was read. */
  readonly version: number
  readonly name?: string | undefined
  readonly locale?: string | undefined
}

export type SecondFactorFailure =
  | { readonly kind: 'wrong' }
  /** The challenge is unknown, was used, or was tried too often. */
  | { readonly kind: 'ended' }
  /** Too many wrong codes for this account, whatever the challenge. */
  | { readonly kind: 'locked' }

export type SecondFactorSetup = {
  /** For the authenticator: holds the secret. */
  readonly uri: string
  readonly backupCodes: readonly string[]
}

export type Accounts = {
  readonly in: (region: string) => HomeAccounts
}
