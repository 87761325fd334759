/** The accounts of all home regions: one instance of the library for each, made when first needed. */

import type { AccountRows } from '../../domain/account-rows.ts'
import type { Accounts, HomeAccounts } from '../../domain/accounts.ts'
import type { IdMaker } from '../../platform/ids.ts'
import type { Random } from '../../platform/random.ts'
import type { RegionTable } from '../../platform/regions.ts'
import * as changes from './account-changes.ts'
import * as proof from './address-proof.ts'
import { findAccount, findByEmail, type Home } from './home.ts'
import { openLibrary } from './library.ts'
import { notingFailures } from './library-call.ts'
import { boundedPasswords, type Passwords } from './passwords.ts'
import * as signing from './sign-in.ts'

export type LibraryAccountsParts = {
  readonly secret: string
  /** The rows of one region. */
  readonly rows: (region: string) => AccountRows
  readonly regions: RegionTable
  readonly ids: IdMaker
  readonly random: Random
  readonly passwords?: Passwords
}

const idBytes = 16

export function libraryAccounts(parts: LibraryAccountsParts): Accounts {
  const passwords = notingFailures(parts.passwords ?? boundedPasswords())
  const homes = new Map<string, HomeAccounts>()
  return {
    in: (region) => {
      const known = homes.get(region)
      if (known !== undefined) return known
      const made = homeAccounts(openHome(parts, { region, passwords }))
      homes.set(region, made)
      return made
    },
  }
}

function openHome(
  parts: LibraryAccountsParts,
  { region, passwords }: { readonly region: string; readonly passwords: Passwords },
): Home {
  const rows = notingFailures(parts.rows(region))
  const regionCode = parts.regions.codeOf(region)
  const library = openLibrary({
    rows,
    passwords,
    secret: parts.secret,
    newUserId: () => parts.ids.regional('usr', regionCode),
    newId: () => Buffer.from(parts.random.bytes(idBytes)).toString('hex'),
  })
  return { library, rows, passwords, regionCode }
}

function homeAccounts(home: Home): HomeAccounts {
  return {
    findByEmail: (email) => findByEmail(home, email),
    find: (user) => findAccount(home, user),
    signUp: (person) => proof.signUp(home, person),
    newCode: (email, purpose) => proof.newCode(home, email, purpose),
    verifyEmail: (given) => proof.verifyEmail(home, given),
    resetPassword: (given) => proof.resetPassword(home, given),
    hasPassword: (email, password) => proof.hasPassword(home, email, password),
    signIn: (credentials) => signing.signIn(home, credentials),
    secondFactor: (given) => signing.secondFactor(home, given),
    changePassword: (who, change) => changes.changePassword(home, who, change),
    newEmailCode: (who, newEmail) => changes.newEmailCode(home, who, newEmail),
    changeEmail: (who, change) => changes.changeEmail(home, who, change),
    beginSecondFactor: (who, password) => changes.beginSecondFactor(home, who, password),
    confirmSecondFactor: (who, code) => changes.confirmSecondFactor(home, who, code),
    endSecondFactor: (who, password) => changes.endSecondFactor(home, who, password),
    update: (user, change) => changes.updateAccount(home, user, change),
  }
}
