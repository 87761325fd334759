/**
 * A record of every change of the rows that sales live by, kept by triggers in the drill's own
 * database: who wrote it, and under which authority. The auditor reads from it the one order in
 * which things happened. No server knows of it.
 *
 * It adds one read to each writing transaction, of the authority's row, which sales read anyway.
 * Nobody reads the record while the system runs, so that it is no ground for a serialization fault.
 */
import type { Sql } from '../ground/ground.ts'
import { recordedTables } from './evidence.ts'

export const versionsTable = 'drill_versions'

/** Drawn in the moment of writing, while the row is locked: of one row the order is exact. */
const tableText = `create table if not exists ${versionsTable} (
  seq bigserial primary key,
  at double precision not null,
  txn text not null,
  table_name text not null,
  writer text not null,
  epoch bigint not null,
  holder text not null,
  before jsonb,
  after jsonb
)`

/** A server's connections are called `frontrow/<region>`, the drill's own `drill`. */
const functionText = `create or replace function ${versionsTable}_keep() returns trigger
language plpgsql as $body$
declare
  said text := current_setting('application_name');
  row_region authority.region%type;
  of_epoch bigint;
  of_holder text;
begin
  if tg_op = 'DELETE' then row_region := old.region; else row_region := new.region; end if;
  select a.epoch, a.server_region into of_epoch, of_holder
  from authority a where a.region = row_region;
  insert into ${versionsTable} (at, txn, table_name, writer, epoch, holder, before, after)
  values (
    (extract(epoch from clock_timestamp()) * 1000)::float8,
    pg_current_xact_id()::text,
    tg_table_name,
    case when said = 'drill' then said
      when said like 'frontrow/%' then substr(said, length('frontrow/') + 1)
      else '' end,
    coalesce(of_epoch, 0),
    coalesce(of_holder, ''),
    case when tg_op = 'INSERT' then null else to_jsonb(old) end,
    case when tg_op = 'DELETE' then null else to_jsonb(new) end);
  return null;
end
$body$`

/**
 * Before the first event, so that the story of every row is whole. Safe to repeat.
 * @returns false where the database has no triggers
 */
export async function installVersions(sql: Sql): Promise<boolean> {
  const [engine] = await sql<{ version: string }>('select version() as version')
  if (!engine?.version.startsWith('PostgreSQL')) return false
  await sql(tableText)
  await sql(functionText)
  for (const table of recordedTables) {
    await sql(`create or replace trigger ${versionsTable}_keep
after insert or update or delete on ${table}
for each row execute function ${versionsTable}_keep()`)
  }
  return true
}
