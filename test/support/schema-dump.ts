/**
 * A database's schema as text, from pg_catalog, in one fixed order: what two runs of the migrations
 * are compared by, and what a reviewer reads. Not a script to run: the migrations are that.
 */
import type { Client } from 'pg'

type Column = { table: string; name: string; type: string; required: boolean; fallback: string }
type Constraint = { table: string; kind: string; definition: string }
type Index = { table: string; definition: string }

const columnsQuery = `select c.relname as table, a.attname as name,
  format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
  coalesce(pg_get_expr(d.adbin, d.adrelid), '') as fallback
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname = 'public' and c.relkind = 'r'
order by c.relname, a.attnum`

/** PostgreSQL 18 also keeps not-null constraints; the columns say those. */
const constraintsQuery = `select c.relname as table, k.contype as kind,
  pg_get_constraintdef(k.oid) as definition
from pg_constraint k join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and k.contype <> 'n'
order by c.relname, k.contype desc, pg_get_constraintdef(k.oid) collate "C"`

const indexesQuery = `select c.relname as table, pg_get_indexdef(i.indexrelid) as definition
from pg_index i join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public'
  and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
order by c.relname, pg_get_indexdef(i.indexrelid) collate "C"`

const typesQuery = `select t.typname as name from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where n.nspname = 'public' and t.typtype = 'e' order by t.typname`

/** Every table with columns, defaults, constraints and indexes, and the names of enums. */
export async function dumpSchema(client: Client): Promise<string> {
  const columns = (await client.query<Column>(columnsQuery)).rows
  const constraints = (await client.query<Constraint>(constraintsQuery)).rows
  const indexes = (await client.query<Index>(indexesQuery)).rows
  const types = (await client.query<{ name: string }>(typesQuery)).rows
  const tables = [...new Set(columns.map((column) => column.table))].map((table) => {
    const of = (part: { table: string }) => part.table === table
    return tableText(table, {
      columns: columns.filter(of),
      constraints: constraints.filter(of),
      indexes: indexes.filter(of),
    })
  })
  // The labels of the regions' enum are each installation's own.
  const enums = types.map(({ name }) => `create type ${name} as enum (…);\n`)
  return `${[header, ...enums, ...tables].join('\n')}`
}

const header = `-- Written by \`npm run db:golden\` from a freshly migrated PostgreSQL: what all migrations
-- together make. Read it, do not run it; the migrations are what runs.
`

type Parts = { columns: Column[]; constraints: Constraint[]; indexes: Index[] }

function tableText(table: string, { columns, constraints, indexes }: Parts): string {
  const lines = [
    ...columns.map(({ name, type, required, fallback }) => {
      const parts = [name, type, required ? 'not null' : '', fallback && `default ${fallback}`]
      return parts.filter((part) => part !== '').join(' ')
    }),
    ...constraints.map(({ definition }) => definition),
  ]
  const body = lines.map((line) => `  ${line}`).join(',\n')
  return [
    `create table ${table} (\n${body}\n);\n`,
    ...indexes.map((index) => `${index.definition};\n`),
  ].join('')
}
