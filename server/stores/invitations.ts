/** Invitations: rows to and from what the domain calls one. Each statement binds their region. */
import { sql } from 'kysely'
import type { Role } from '../domain/access.ts'
import type { Invitation, InvitationState } from '../domain/invitation.ts'
import { assert } from '../platform/assert.ts'
import type { InvitationId, OrganisationId } from '../platform/ids.ts'
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

const columns = [
  'region',
  'id',
  'organisation_id',
  'role',
  'email',
  'locale',
  'code_hash',
  'state',
  'invited_by',
  'accepted_by',
  'created_at',
  'expires_at',
  'version',
  sql<boolean>`expires_at <= now()`.as('expired'),
] as const

export type InvitationPlace = { readonly region: string; readonly id: InvitationId }

export async function findInvitation(
  reader: Reader,
  at: InvitationPlace,
): Promise<Invitation | null> {
  const row = await reader
    .selectFrom('invitations')
    .select(columns)
    .where('region', '=', at.region)
    .where('id', '=', at.id)
    .executeTakeFirst()
  return row ? invitationFromRow(row) : null
}

export async function findInvitationByCode(
  reader: Reader,
  at: { readonly region: string; readonly codeHash: string },
): Promise<Invitation | null> {
  const row = await reader
    .selectFrom('invitations')
    .select(columns)
    .where('region', '=', at.region)
    .where('code_hash', '=', at.codeHash)
    .executeTakeFirst()
  return row ? invitationFromRow(row) : null
}

export type InvitationPage = {
  readonly region: string
  readonly organisation: OrganisationId
  /** The last id of the page before. */
  readonly after: string
  readonly limit: number
}

/** A page of an organisation's invitations of one region, in the order of their ids. */
export async function listInvitationRows(
  reader: Reader,
  page: InvitationPage,
): Promise<Invitation[]> {
  const rows = await reader
    .selectFrom('invitations')
    .select(columns)
    .where('region', '=', page.region)
    .where('organisation_id', '=', page.organisation)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(invitationFromRow)
}

/** How many of an organisation are open in a region, counted up to `limit`. */
export async function countOpenInvitations(
  tx: Tx,
  of: { readonly region: string; readonly organisation: OrganisationId; readonly limit: number },
): Promise<number> {
  const rows = await tx
    .selectFrom('invitations')
    .select('id')
    .where('region', '=', of.region)
    .where('organisation_id', '=', of.organisation)
    .where('state', '=', 'open')
    .where('expires_at', '>', sql<Date>`now()`)
    .limit(of.limit)
    .execute()
  return rows.length
}

export type NewInvitation = Pick<
  Invitation,
  'region' | 'id' | 'organisation' | 'role' | 'email' | 'locale' | 'codeHash' | 'invitedBy'
> & { readonly lifeMs: number }

/** Does nothing when the id is there already. */
export async function insertInvitation(tx: Tx, invitation: NewInvitation): Promise<void> {
  await tx
    .insertInto('invitations')
    .values({
      region: invitation.region,
      id: invitation.id,
      organisation_id: invitation.organisation,
      role: invitation.role,
      email: invitation.email,
      locale: invitation.locale,
      code_hash: invitation.codeHash,
      state: 'open',
      invited_by: invitation.invitedBy,
      created_at: sql<Date>`now()`,
      expires_at: inFuture(invitation.lifeMs),
      version: 1,
    })
    .onConflict((conflict) => conflict.columns(['region', 'id']).doNothing())
    .execute()
}

/** Another code in place of the one before, and a new term. Null: no such version is open. */
export async function renewInvitation(
  tx: Tx,
  { region, id, version }: InvitationPlace & { readonly version: number },
  next: { readonly codeHash: string; readonly lifeMs: number },
): Promise<Invitation | null> {
  const row = await tx
    .updateTable('invitations')
    .set({
      code_hash: next.codeHash,
      expires_at: inFuture(next.lifeMs),
      version: version + 1,
    })
    .where('region', '=', region)
    .where('id', '=', id)
    .where('version', '=', version)
    .where('state', '=', 'open')
    .returning(columns)
    .executeTakeFirst()
  return row ? invitationFromRow(row) : null
}

export type InvitationEnd =
  | { readonly state: 'withdrawn' }
  | { readonly state: 'accepted'; readonly acceptedBy: string }

/** Ends an open invitation and empties its address. Null: no such version is open. */
export async function endInvitation(
  tx: Tx,
  { region, id, version }: InvitationPlace & { readonly version: number },
  end: InvitationEnd,
): Promise<Invitation | null> {
  const row = await tx
    .updateTable('invitations')
    .set({
      state: end.state,
      accepted_by: end.state === 'accepted' ? end.acceptedBy : null,
      email: null,
      version: version + 1,
    })
    .where('region', '=', region)
    .where('id', '=', id)
    .where('version', '=', version)
    .where('state', '=', 'open')
    .returning(columns)
    .executeTakeFirst()
  return row ? invitationFromRow(row) : null
}

/** What has run out and still has an address, at most `limit`. May be old: emptying looks again. */
export async function listExpiredAddresses(
  reader: Reader,
  due: { readonly region: string; readonly limit: number },
): Promise<InvitationId[]> {
  const rows = await reader
    .selectFrom('invitations')
    .select('id')
    .where('region', '=', due.region)
    .where('email', 'is not', null)
    .where('expires_at', '<=', sql<Date>`now()`)
    .orderBy('expires_at')
    .limit(due.limit)
    .execute()
  return rows.map(({ id }) => id as InvitationId)
}

/** Empties the addresses of those that have run out; not of one that was renewed since. */
export async function emptyExpiredAddresses(
  tx: Tx,
  of: { readonly region: string; readonly ids: readonly InvitationId[] },
): Promise<number> {
  const rows = await tx
    .updateTable('invitations')
    .set({ email: null })
    .where('region', '=', of.region)
    .where('id', 'in', of.ids)
    .where('email', 'is not', null)
    .where('expires_at', '<=', sql<Date>`now()`)
    .returning('id')
    .execute()
  return rows.length
}

function inFuture(lifeMs: number) {
  return sql<Date>`now() + ${lifeMs}::int8 * interval '1 millisecond'`
}

type Row = {
  readonly region: string
  readonly id: string
  readonly organisation_id: string
  readonly role: string
  readonly email: string | null
  readonly locale: string
  readonly code_hash: string
  readonly state: string
  readonly invited_by: string
  readonly accepted_by: string | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly version: number
  readonly expired: boolean
}

function invitationFromRow(row: Row): Invitation {
  assert(row.version > 0, 'versions begin at one')
  assert(row.state === 'open' || row.email === null, 'an ended invitation has no address')
  return {
    region: row.region,
    id: row.id as InvitationId,
    organisation: row.organisation_id as OrganisationId,
    role: row.role as Role,
    email: row.email,
    locale: row.locale,
    codeHash: row.code_hash,
    state: row.state as InvitationState,
    expired: row.expired,
    invitedBy: row.invited_by,
    acceptedBy: row.accepted_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    version: row.version,
  }
}
