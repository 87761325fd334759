/** From the settings, what accounts work with: the library on our rows, and derived secrets. Wiring only. */
import { hkdfSync } from 'node:crypto'
import { addressHasher } from './application/accounts/account-parts.ts'
import type { AccountParts } from './application/accounts/opened-accounts.ts'
import { refreshTokens } from './application/accounts/refresh-tokens.ts'
import type { Config } from './config.ts'
import { libraryAccounts } from './gateways/accounts/library-accounts.ts'
import { systemClock } from './platform/clock.ts'
import { IdMaker } from './platform/ids.ts'
import { systemRandom } from './platform/random.ts'
import type { RegionTable } from './platform/regions.ts'
import { accountRows } from './stores/accounts/account-rows.ts'
import type { Database } from './stores/database.ts'

type Secrets = Pick<Config, 'ACCOUNTS_SECRET' | 'ACCOUNTS_DIRECTORY_SECRET'>

/** null where the settings name no accounts. */
export function accountServices(
  { ACCOUNTS_SECRET: secret, ACCOUNTS_DIRECTORY_SECRET: directory }: Secrets,
  { db, regions }: { readonly db: Database; readonly regions: RegionTable },
): AccountParts | null {
  if (secret === undefined || directory === undefined) return null
  return {
    book: libraryAccounts({
      secret: derived(secret, 'library'),
      rows: (region) => accountRows(db, region),
      regions,
      ids: new IdMaker({ clock: systemClock, random: systemRandom }),
      random: systemRandom,
    }),
    refreshTokens: refreshTokens(derived(secret, 'refresh tokens')),
    addressHash: addressHasher(directory),
  }
}

const derivedBytes = 32

/** One secret for each use, so that none can be turned against another. */
function derived(secret: string, use: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `frontrow ${use}`, derivedBytes)).toString(
    'base64url',
  )
}
