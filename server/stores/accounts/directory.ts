/**
 * Which region is the home of an address, known in every region by a keyed hash alone. An entry is
 * made before the account, so that no two regions can both make one of the same address; an entry
 * without an account is a sign-up that broke off, and the next one of the address goes on from it.
 */
import type { Database } from '../database.ts'
import { runRead, runWrite, type Statement } from '../statement.ts'

const find: Statement = {
  name: 'accounts.directory-find',
  text: 'select region from account_directory where email_hash = $1',
}

/** Writes in either case, so that a known address takes as long as a new one. */
const claim: Statement = {
  name: 'accounts.directory-claim',
  text: `insert into account_directory (email_hash, region) values ($1, $2)
on conflict (email_hash) do update set region = account_directory.region
returning region`,
}

const release: Statement = {
  name: 'accounts.directory-release',
  text: 'delete from account_directory where email_hash = $1 and region = $2',
}

type Found = { readonly region: string }

/** The home region of the address, or null when nobody has signed up with it. */
export async function findHomeOf(db: Database, emailHash: string): Promise<string | null> {
  const [row] = await runRead<Found>(db, find, [emailHash])
  return row?.region ?? null
}

/** @returns the home of the address: `region`, unless it had one before */
export async function claimAddress(
  db: Database,
  emailHash: string,
  region: string,
): Promise<string> {
  const [row] = await runWrite<Found>(db, claim, [emailHash, region])
  return row?.region ?? region
}

/** Gives an address back that nobody has any more. */
export async function releaseAddress(
  db: Database,
  emailHash: string,
  region: string,
): Promise<void> {
  await runWrite(db, release, [emailHash, region])
}
