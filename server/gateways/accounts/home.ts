/** What the parts of this folder share: one home region's library, and its records as ours. */

import type { AccountRows } from '../../domain/account-rows.ts'
import type { Account } from '../../domain/accounts.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Library } from './library.ts'
import type { Passwords } from './passwords.ts'

export type Home = {
  readonly library: Library
  readonly rows: AccountRows
  readonly passwords: Passwords
  /** Of the region, in challenges. */
  readonly regionCode: string
}

type UserRecord = {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly emailVerified: boolean
  readonly twoFactorEnabled?: boolean | null | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly locale?: unknown
}

export function accountOf(user: UserRecord): Account {
  return {
    id: user.id as UserId,
    email: user.email,
    name: user.name,
    locale: typeof user.locale === 'string' ? user.locale : '',
    isVerified: user.emailVerified,
    hasSecondFactor: user.twoFactorEnabled === true,
    createdAtMs: user.createdAt.getTime(),
    updatedAtMs: user.updatedAt.getTime(),
  }
}

export async function internalsOf({ library }: Home) {
  return (await library.$context).internalAdapter
}

export async function findByEmail(home: Home, email: string): Promise<Account | null> {
  const found = await (await internalsOf(home)).findUserByEmail(email)
  return found === null ? null : accountOf(found.user)
}

export async function findAccount(home: Home, user: string): Promise<Account | null> {
  const found = await (await internalsOf(home)).findUserById(user)
  return found === null ? null : accountOf(found)
}
