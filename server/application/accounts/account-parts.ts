/**
 * What all use-cases of accounts share. Without own access tokens, a secret or mail there are no
 * accounts here, and each of them says so.
 */
import { createHmac } from 'node:crypto'
import type { HomeAccounts } from '../../domain/accounts.ts'
import type { Mailer } from '../../domain/mail.ts'
import { refuse } from '../../domain/refusal.ts'
import { present } from '../../platform/assert.ts'
import type { RegionTable } from '../../platform/regions.ts'
import { findHomeOf } from '../../stores/accounts/directory.ts'
import type { AccessIssuer } from '../access-issuer.ts'
import type { Services } from '../services.ts'
import type { AccountParts } from './opened-accounts.ts'

export type OpenParts = AccountParts & { readonly issuer: AccessIssuer; readonly mail: Mailer }

/** @throws RefusedError WRONG_STATE: persons sign in elsewhere, or no code could be mailed */
export function accountsOf(
  services: Pick<Services, 'accounts' | 'accessIssuer' | 'mail'>,
): OpenParts {
  const { accounts, accessIssuer: issuer, mail } = services
  if (accounts === null || issuer === null || !mail.isConfigured) {
    refuse('WRONG_STATE', 'This installation keeps no accounts: sign in where it says.')
  }
  return { ...accounts, issuer, mail }
}

/** @param secret of all regions alike, and for ever: the directory is found by it alone */
export function addressHasher(secret: string): (email: string) => string {
  return (email) =>
    createHmac('sha256', secret).update(email.normalize('NFC').toLowerCase()).digest('base64url')
}

type Found = { readonly region: string; readonly home: HomeAccounts; readonly hash: string }

/**
 * The home of an address. An address that nobody has gets one too, always the same: looking in
 * vain takes as long as looking for somebody who lives there.
 */
export async function homeOfAddress(
  services: Pick<Services, 'db' | 'regions'>,
  parts: Pick<AccountParts, 'book' | 'addressHash'>,
  email: string,
): Promise<Found> {
  const hash = parts.addressHash(email)
  const known = await findHomeOf(services.db, hash)
  const region = known ?? decoyHome(services.regions, hash)
  return { region, home: parts.book.in(region), hash }
}

function decoyHome(regions: RegionTable, hash: string): string {
  const [byte = 0] = Buffer.from(hash, 'base64url')
  return present(regions.all[byte % regions.all.length], 'a region').name
}
