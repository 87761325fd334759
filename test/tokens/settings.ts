/** Settings of a server that has no issuer of its own: no keys to sign with, and so no accounts. */
import { freshSettings } from '../support/sale-system.ts'

const ofOwnIssuer = [
  'ACCESS_SIGNING_KEYS',
  'ACCESS_ISSUER',
  'DEVELOPMENT_ISSUER_KEYS',
  'ACCOUNTS_SECRET',
  'ACCOUNTS_DIRECTORY_SECRET',
]

export async function settingsWithoutIssuer(): Promise<Record<string, string>> {
  const all = Object.entries(await freshSettings())
  return Object.fromEntries(all.filter(([name]) => !ofOwnIssuer.includes(name)))
}
