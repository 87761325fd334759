/**
 * The leases of authority. Renewing is a compare-and-set on the lease's row alone, which no sale
 * reads; a change of authority writes both rows in one statement, all or nothing, so that a sale
 * under the old epoch and the change cannot both come first.
 */
import type { Lease, LeaseBook, LeaseClaim } from '../domain/authority.ts'
import { ensureAuthority } from './authority.ts'
import type { Database } from './database.ts'
import { GuardFailedError } from './outcome.ts'
import { runRead, runWrite, type Statement } from './statement.ts'

export const findLeaseStatement: Statement = {
  name: 'leases.find',
  text: `select server_region, epoch,
  (extract(epoch from expires_at - now()) * 1000)::float8 as left_ms
from region_leases where region = $1`,
}

export const beginLeaseStatement: Statement = {
  name: 'leases.begin',
  text: `insert into region_leases (region, server_region, epoch, expires_at)
select region, server_region, epoch, now() from authority where region = $1
on conflict (region) do nothing`,
}

export const renewLeaseStatement: Statement = {
  name: 'leases.renew',
  text: `update region_leases set expires_at = now() + $4::int8 * interval '1 millisecond'
where region = $1 and server_region = $2::text and epoch = $3::int8
returning epoch`,
}

export const takeOverStatement: Statement = {
  name: 'leases.take-over',
  text: `with lapsed as materialized (
  select region from region_leases
  where region = $1 and epoch = $3::int8 and expires_at < now()),
 moved as (
  update authority set server_region = $2::text, epoch = epoch + 1
  where region = $1 and epoch = $3::int8 and (select count(*) from lapsed) = 1
  returning epoch),
 leased as (
  update region_leases set server_region = $2::text, epoch = epoch + 1,
    expires_at = now() + $4::int8 * interval '1 millisecond'
  where region = $1 and epoch = $3::int8 and expires_at < now()
  returning epoch)
select (select max(epoch) from moved) as epoch,
  1 / (case when (select count(*) from moved) = 1 and (select count(*) from leased) = 1
    then 1 else 0 end) as guard`,
}

export const handOverStatement: Statement = {
  name: 'leases.hand-over',
  text: `with moved as (
  update authority set server_region = $5::text, epoch = epoch + 1
  where region = $1 and epoch = $3::int8 and server_region = $2::text
  returning epoch),
 leased as (
  update region_leases set server_region = $5::text, epoch = epoch + 1,
    expires_at = now() + $4::int8 * interval '1 millisecond'
  where region = $1 and epoch = $3::int8 and server_region = $2::text
  returning epoch)
select (select max(epoch) from moved) as epoch,
  1 / (case when (select count(*) from moved) = 1 and (select count(*) from leased) = 1
    then 1 else 0 end) as guard`,
}

const drainedStatement: Statement = {
  name: 'regions.drained',
  text: 'select server_region from drained_regions',
}

const drainStatement: Statement = {
  name: 'regions.drain',
  text: `insert into drained_regions (server_region) values ($1::text)
on conflict (server_region) do nothing`,
}

const restoreStatement: Statement = {
  name: 'regions.restore',
  text: 'delete from drained_regions where server_region = $1::text',
}

export function sqlLeaseBook(db: Database): LeaseBook {
  return {
    find: (home) => findLease(db, home),
    begin: async (home) => {
      await ensureAuthority(db, home)
      await runWrite(db, beginLeaseStatement, [home])
    },
    renew: async ({ home, region, epoch, lengthMs }) =>
      (await runWrite(db, renewLeaseStatement, [home, region, epoch, lengthMs])).length === 1,
    takeOver: (claim) => newEpoch(db, takeOverStatement, valuesOf(claim)),
    handOver: (claim, to) => newEpoch(db, handOverStatement, [...valuesOf(claim), to]),
    drained: () => listDrained(db),
  }
}

function valuesOf({ home, region, epoch, lengthMs }: LeaseClaim): unknown[] {
  return [home, region, epoch, lengthMs]
}

async function findLease(db: Database, home: string): Promise<Lease | null> {
  type Row = { server_region: string; epoch: number; left_ms: number }
  const [row] = await runRead<Row>(db, findLeaseStatement, [home])
  if (row === undefined) return null
  return { serverRegion: row.server_region, epoch: row.epoch, leftMs: row.left_ms }
}

/** Null: the rows were not as the claim says, and nothing was changed. */
async function newEpoch(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
): Promise<number | null> {
  try {
    const [row] = await runWrite<{ epoch: number }>(db, statement, values)
    return row?.epoch ?? null
  } catch (cause) {
    if (cause instanceof GuardFailedError) return null
    throw cause
  }
}

/** Regions that a person has emptied: they take no authority. */
async function listDrained(db: Database): Promise<ReadonlySet<string>> {
  const rows = await runRead<{ server_region: string }>(db, drainedStatement, [])
  return new Set(rows.map((row) => row.server_region))
}

/** Safe to repeat, like its counterpart. */
export async function markDrained(db: Database, region: string): Promise<void> {
  await runWrite(db, drainStatement, [region])
}

export async function unmarkDrained(db: Database, region: string): Promise<void> {
  await runWrite(db, restoreStatement, [region])
}
