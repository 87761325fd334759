/**
 * What one region has witnessed of the audit chains of others: the newest head of each. A row only
 * goes forward along its chain; whoever sets it back has done so by hand.
 */
import type { AuditHead } from '../domain/audit-chain.ts'
import type { SignedHead } from '../domain/audit-witness.ts'
import type { ChainPlace } from './audit-entries.ts'
import type { Database } from './database.ts'
import { runStaleRead } from './stale-reading.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

/** The region that witnesses, and the chain. */
export type WitnessPlace = ChainPlace & { readonly witness: string }

const findStatement: Statement = {
  name: 'audit-witnesses.find',
  text: `select region as witness, of_region as region, chain, seq, hash, signature
from audit_head_witnesses where region = $1 and of_region = $2::text and chain = $3::text`,
}

export async function findWitnessed(db: Database, at: WitnessPlace): Promise<SignedHead | null> {
  const rows = await runRead<SignedHead>(db, findStatement, [at.witness, at.region, at.chain])
  return rows[0] ?? null
}

const putStatement: Statement = {
  name: 'audit-witnesses.put',
  text: `insert into audit_head_witnesses (region, of_region, chain, seq, hash, signature)
values ($1, $2::text, $3::text, $4::int8, $5::text, $6::text)
on conflict (region, of_region, chain) do update
set seq = excluded.seq, hash = excluded.hash, signature = excluded.signature,
  witnessed_at = now()
where audit_head_witnesses.seq < excluded.seq
  or (audit_head_witnesses.seq = excluded.seq and audit_head_witnesses.hash = excluded.hash)
returning seq`,
}

/** @returns false when another server of the region has witnessed more meanwhile */
export async function putWitnessed(db: Database, head: SignedHead): Promise<boolean> {
  const { witness, region, chain, seq, hash, signature } = head
  const values = [witness, region, chain, seq, hash, signature]
  return (await runWrite(db, putStatement, values)).length > 0
}

const nextStatement: Statement = {
  name: 'audit-witnesses.next-chain',
  text: `select chain from (
  (select chain from audit_entries
   where region = $2 and chain > $3::text order by chain limit 1)
  union all
  (select chain from audit_head_witnesses
   where region = $1 and of_region = $2::text and chain > $3::text order by chain limit 1)
) as either order by chain limit 1`,
}

/** The next chain after `chain` that has entries, or of which some were witnessed; or null. */
export async function findNextToWitness(db: Database, at: WitnessPlace): Promise<string | null> {
  const asked = { statement: nextStatement, staleOk: 'scan' } as const
  const rows = await runStaleRead<{ chain: string }>(db, asked, [at.witness, at.region, at.chain])
  return rows[0]?.chain ?? null
}

const listStatement: Statement = {
  name: 'audit-witnesses.list',
  text: `select region as witness, of_region as region, chain, seq, hash, signature
from audit_head_witnesses
where region = $1 and (of_region, chain) > ($2::text, $3::text)
order by of_region, chain limit $4::int8`,
}

/** A page of all that a region has witnessed, after a head. */
export function listWitnessed(
  db: Database,
  page: {
    readonly witness: string
    readonly after: Pick<AuditHead, 'region' | 'chain'>
    readonly limit: number
  },
): Promise<SignedHead[]> {
  const { witness, after, limit } = page
  return runRead<SignedHead>(db, listStatement, [witness, after.region, after.chain, limit])
}
