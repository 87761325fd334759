/**
 * Signed-in devices: one row for the refresh tokens that follow one another since a sign-in. Moving
 * to the next generation is one compare-and-set; a family lives as long as the library's session.
 */
import { limits } from '../../platform/limits.ts'
import type { Database } from '../database.ts'
import { runRead, runWrite, type Statement } from '../statement.ts'

export type FamilyKey = { readonly region: string; readonly id: string }

export type Family = {
  readonly user_id: string
  readonly session_id: string
  readonly generation: number
  /** Of the call that made this generation; null at the sign-in. */
  readonly key_hash: string | null
  /** By the database's clock, and only while the session behind it is there. */
  readonly is_alive: boolean
  readonly created_at: Date
  readonly used_at: Date
  readonly expires_at: Date
}

const columns = `f.user_id, f.session_id, f.generation, f.key_hash, f.created_at, f.used_at, f.expires_at,
  (f.ended_at is null and f.expires_at > now() and s.id is not null and s.expires_at > now()) as is_alive`

const insert: Statement = {
  name: 'accounts.family-insert',
  text: `insert into refresh_families
(region, id, user_id, session_id, generation, key_hash, created_at, used_at, expires_at)
values ($1, $2, $3, $4, 0, null, now(), now(), now() + $5::int8 * interval '1 millisecond')`,
}

const find: Statement = {
  name: 'accounts.family-find',
  text: `select ${columns}
from refresh_families f left join sessions s on s.region = $1 and s.id = f.session_id
where f.region = $1 and f.id = $2`,
}

const list: Statement = {
  name: 'accounts.family-list',
  text: `select f.id, ${columns}
from refresh_families f left join sessions s on s.region = $1 and s.id = f.session_id
where f.region = $1 and f.user_id = $2 and f.ended_at is null and f.expires_at > now()
order by f.id desc nulls last limit $3`,
}

/** The age of the family bounds its life, however often it is used. */
const move: Statement = {
  name: 'accounts.family-move',
  text: `update refresh_families set generation = generation + 1, key_hash = $4, used_at = now(),
  expires_at = least(now() + $5::int8 * interval '1 millisecond', created_at + $6::int8 * interval '1 millisecond')
where region = $1 and id = $2 and generation = $3 and ended_at is null and expires_at > now()
  and exists (select 1 from sessions s
    where s.region = $1 and s.id = refresh_families.session_id and s.expires_at > now())
returning user_id`,
}

const repoint: Statement = {
  name: 'accounts.family-repoint',
  text: `update refresh_families set session_id = $3
where region = $1 and id = $2 and ended_at is null and session_id <> $3`,
}

const end: Statement = {
  name: 'accounts.family-end',
  text: `update refresh_families set ended_at = now(), ended_by = $3
where region = $1 and id = $2 and ended_at is null
returning session_id`,
}

const endAll: Statement = {
  name: 'accounts.family-end-all',
  text: `update refresh_families set ended_at = now(), ended_by = $3
where region = $1 and user_id = $2 and ended_at is null and id <> $4
returning session_id`,
}

const endSessions: Statement = {
  name: 'accounts.family-end-sessions',
  text: 'delete from sessions where region = $1 and id = any($2::text[])',
}

/** Why a family ended, for whoever looks into a complaint. */
export type EndedBy = 'sign-out' | 'everywhere' | 'password' | 'reuse' | 'listed'

/** @throws DuplicateKeyError there is one of this id */
export async function insertFamily(
  db: Database,
  key: FamilyKey,
  facts: { readonly user: string; readonly session: string },
): Promise<void> {
  await runWrite(db, insert, [key.region, key.id, facts.user, facts.session, limits.refreshIdleMs])
}

export async function findFamily(db: Database, { region, id }: FamilyKey): Promise<Family | null> {
  const [row] = await runRead<Family>(db, find, [region, id])
  return row ?? null
}

/** Newest first, of those that have not ended. */
export async function listFamilies(
  db: Database,
  region: string,
  user: string,
): Promise<(Family & { readonly id: string })[]> {
  const values = [region, user, limits.sessionsListedMax]
  const rows = await runRead<Family & { readonly id: string }>(db, list, values)
  return rows.filter(({ is_alive }) => is_alive)
}

/** @returns whose it is; null: this is not its newest generation, or it has ended */
export async function moveFamily(
  db: Database,
  { region, id }: FamilyKey,
  from: { readonly generation: number; readonly keyHash: string },
): Promise<string | null> {
  const values = [
    region,
    id,
    from.generation,
    from.keyHash,
    limits.refreshIdleMs,
    limits.sessionLifeMaxMs,
  ]
  const [row] = await runWrite<{ readonly user_id: string }>(db, move, values)
  return row?.user_id ?? null
}

/** The library replaced the session behind the family. */
export async function repointFamily(
  db: Database,
  { region, id }: FamilyKey,
  session: string,
): Promise<void> {
  await runWrite(db, repoint, [region, id, session])
}

/** The family first: what a crash leaves behind cannot be used. Ending twice is ending once. */
export async function endFamily(
  db: Database,
  { region, id }: FamilyKey,
  by: EndedBy,
): Promise<void> {
  await endOf(db, region, await runWrite<Ended>(db, end, [region, id, by]))
}

/** @param wish.except the family that goes on; null: none does */
export async function endFamiliesOf(
  db: Database,
  wish: {
    readonly region: string
    readonly user: string
    readonly except: string | null
    readonly by: EndedBy
  },
): Promise<void> {
  const { region, user, except, by } = wish
  await endOf(db, region, await runWrite<Ended>(db, endAll, [region, user, by, except ?? '']))
}

type Ended = { readonly session_id: string }

async function endOf(db: Database, region: string, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return
  await runWrite(db, endSessions, [region, ended.map(({ session_id }) => session_id)])
}
