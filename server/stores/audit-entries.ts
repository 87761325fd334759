/**
 * The audit log's rows: added at the end of their chain, read from it, never changed, but for
 * addresses that are emptied after their time. Region and chain name one hash chain.
 */
import type { ChainEnd } from '../domain/audit-chain.ts'
import type { AuditActor, AuditEntry } from '../domain/audit-entry.ts'
import type { Json } from '../domain/canonical-json.ts'
import { assert } from '../platform/assert.ts'
import type { Database } from './database.ts'
import { type Freshness, runReadAs, runStaleRead } from './stale-reading.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

export type ChainPlace = { readonly region: string; readonly chain: string }

const endStatement: Statement = {
  name: 'audit.end-of-chain',
  text: `select seq, hash from audit_entries
where region = $1 and chain = $2::text order by seq desc limit 1`,
}

/** The last entry of a chain, or null for one that has none yet. */
export async function findChainEnd(db: Database, at: ChainPlace): Promise<ChainEnd | null> {
  const rows = await runRead<ChainEnd>(db, endStatement, [at.region, at.chain])
  return rows[0] ?? null
}

/** The primary key is the compare-and-set: of two entries for one place, one is 23505. */
const insertStatement: Statement = {
  name: 'audit.insert',
  text: `insert into audit_entries (region, chain, seq, at, phase, begun_seq, action, actor_kind,
  actor_id, address, address_salt, address_digest, request_id, subjects, reason, input, before,
  after, outcome, previous_hash, hash)
values ($1, $2::text, $3::int8, $4::timestamptz, $5::text, $6::int8, $7::text, $8::text, $9::text,
  $10::text, $11::text, $12::text, $13::text, $14::text[], $15::text, $16::jsonb, $17::jsonb,
  $18::jsonb, $19::text, $20::text, $21::text)`,
}

/** @throws DuplicateKeyError when another entry has this place */
export async function insertAuditEntry(db: Database, entry: AuditEntry): Promise<void> {
  assert(entry.seq > 0, 'chains begin at one')
  await runWrite(db, insertStatement, [
    entry.region,
    entry.chain,
    entry.seq,
    new Date(entry.atMs),
    entry.phase,
    entry.begunSeq,
    entry.action,
    entry.actor.kind,
    entry.actor.id,
    entry.address,
    entry.addressSalt,
    entry.addressDigest,
    entry.requestId,
    [...entry.subjects],
    entry.reason,
    jsonb(entry.input),
    jsonb(entry.before),
    jsonb(entry.after),
    entry.outcome,
    entry.previousHash,
    entry.hash,
  ])
}

/** Nothing is null in SQL too, so that there is one way to say it. */
function jsonb(value: Json): string | null {
  return value === null ? null : JSON.stringify(value)
}

const columns = `region, chain, seq, at, phase, begun_seq, action, actor_kind, actor_id, address,
  address_salt, address_digest, request_id, subjects, reason, input, before, after, outcome,
  previous_hash, hash`

const newestStatement: Statement = {
  name: 'audit.list-newest',
  text: `select ${columns} from audit_entries
where region = $1 and chain = $2::text and seq < $3::int8 order by seq desc limit $4::int8`,
}

export type AuditPage = ChainPlace & {
  /** Only entries before this one. */
  readonly before: number
  readonly limit: number
}

/** A page of one chain, newest first. */
export async function listNewestEntries(db: Database, page: AuditPage): Promise<AuditEntry[]> {
  const { region, chain, before, limit } = page
  const asked = { statement: newestStatement, staleOk: 'history' } as const
  const rows = await runStaleRead<AuditRow>(db, asked, [region, chain, before, limit])
  return rows.map(entryFromRow)
}

/** Says too whether the time is in whole milliseconds, as all that we write is. */
const walkStatement: Statement = {
  name: 'audit.walk',
  text: `select ${columns}, date_trunc('millisecond', at) = at as is_whole from audit_entries
where region = $1 and chain = $2::text and seq > $3::int8 order by seq limit $4::int8`,
}

/** A stretch of one chain in its order, after the entry `after`. */
export async function walkEntries(
  db: Database,
  at: ChainPlace & { readonly after: number; readonly limit: number },
  as: Freshness,
): Promise<AuditEntry[]> {
  type Row = AuditRow & { readonly is_whole: boolean }
  const asked = { statement: walkStatement, as }
  const rows = await runReadAs<Row>(db, asked, [at.region, at.chain, at.after, at.limit])
  return rows.map((row) => {
    const entry = entryFromRow(row)
    // A fraction that a Date cannot hold is kept visible: somebody else wrote it.
    return row.is_whole ? entry : { ...entry, atMs: entry.atMs + 0.5 }
  })
}

const nextChainStatement: Statement = {
  name: 'audit.next-chain',
  text: `select chain from audit_entries
where region = $1 and chain > $2::text order by chain limit 1`,
}

/** The first chain of a region after `after` in the order of names, or null. */
export async function findNextChain(
  db: Database,
  at: { readonly region: string; readonly after: string },
): Promise<string | null> {
  const asked = { statement: nextChainStatement, staleOk: 'scan' } as const
  const rows = await runStaleRead<{ chain: string }>(db, asked, [at.region, at.after])
  return rows[0]?.chain ?? null
}

const overdueStatement: Statement = {
  name: 'audit.addresses-overdue',
  text: `select chain, seq from audit_entries
where region = $1 and address is not null and at < now() - $2::int8 * interval '1 millisecond'
order by at limit $3::int8`,
}

const emptyStatement: Statement = {
  name: 'audit.empty-address',
  text: `update audit_entries set address = null, address_salt = null
where region = $1 and chain = $2::text and seq = $3::int8 and address is not null returning seq`,
}

/** Empties addresses that are older than `keptMs`, at most `limit`. @returns how many */
export async function emptyOldAddresses(
  db: Database,
  due: { readonly region: string; readonly keptMs: number; readonly limit: number },
): Promise<number> {
  const { region, keptMs, limit } = due
  const asked = { statement: overdueStatement, staleOk: 'scan' } as const
  const rows = await runStaleRead<{ chain: string; seq: number }>(db, asked, [
    region,
    keptMs,
    limit,
  ])
  let emptied = 0
  // An entry's time does not change; one that was emptied since the copy was taken is no news.
  for (const { chain, seq } of rows) {
    emptied += (await runWrite(db, emptyStatement, [region, chain, seq])).length
  }
  return emptied
}

type AuditRow = {
  readonly region: string
  readonly chain: string
  readonly seq: number
  readonly at: Date
  readonly phase: 'begun' | 'ended'
  readonly begun_seq: number | null
  readonly action: string
  readonly actor_kind: AuditActor['kind']
  readonly actor_id: string
  readonly address: string | null
  readonly address_salt: string | null
  readonly address_digest: string
  readonly request_id: string
  readonly subjects: string[]
  readonly reason: string | null
  readonly input: Json
  readonly before: Json
  readonly after: Json
  readonly outcome: string | null
  readonly previous_hash: string
  readonly hash: string
}

/** Without any assertion: what was tampered with must be found by the hash, not stop the reader. */
function entryFromRow(row: AuditRow): AuditEntry {
  return {
    region: row.region,
    chain: row.chain,
    seq: row.seq,
    atMs: row.at.getTime(),
    phase: row.phase,
    begunSeq: row.begun_seq,
    action: row.action,
    actor: { kind: row.actor_kind, id: row.actor_id },
    address: row.address,
    addressSalt: row.address_salt,
    addressDigest: row.address_digest,
    requestId: row.request_id,
    subjects: row.subjects,
    reason: row.reason,
    input: row.input,
    before: row.before,
    after: row.after,
    outcome: row.outcome,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}
