/**
 * Tables as records, page by page within one snapshot. Pages follow the primary key behind the
 * region, which both engines read from the index.
 */
import type { Sql } from '../ground/ground.ts'
import type { DumpedTable, Row, VersionRecord } from './evidence.ts'
import { versionsTable } from './versions.ts'

const pageRows = 5_000

/** What the rows of one region are told apart by; without a region, all rows. */
const keys: Readonly<Record<DumpedTable, { byRegion: boolean; key: readonly string[] }>> = {
  events: { byRegion: false, key: ['id'] },
  event_sales: { byRegion: true, key: ['event_id'] },
  claims: { byRegion: true, key: ['event_id', 'unit'] },
  orders: { byRegion: true, key: ['id'] },
  payments: { byRegion: true, key: ['order_id'] },
  tickets: { byRegion: true, key: ['order_id', 'unit'] },
  outbox: { byRegion: true, key: ['id'] },
  authority: { byRegion: true, key: [] },
}

export async function* dumpRows(sql: Sql, table: DumpedTable): AsyncGenerator<readonly Row[]> {
  const { byRegion, key } = keys[table]
  const columns = await selected(sql, table)
  if (!byRegion) {
    yield* pagesOf(sql, { from: `select ${columns} from ${table}`, where: [], values: [], key })
    return
  }
  const regions = await sql<{ region: string }>(
    `select distinct region::text as region from ${table} order by 1`,
  )
  for (const { region } of regions) {
    const from = `select ${columns} from ${table}`
    yield* pagesOf(sql, { from, where: ['region = $1'], values: [region], key })
  }
}

type Pages = {
  readonly from: string
  readonly where: readonly string[]
  readonly values: readonly unknown[]
  readonly key: readonly string[]
}

async function* pagesOf(
  sql: Sql,
  { from, where, values, key }: Pages,
): AsyncGenerator<readonly Row[]> {
  const names = key.join(', ')
  let after: readonly unknown[] | null = null
  for (;;) {
    const places = key.map((_, index) => `$${values.length + index + 1}`).join(', ')
    const conditions = after === null ? where : [...where, `(${names}) > (${places})`]
    const filter = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
    const order = names === '' ? '' : ` order by ${names} limit ${pageRows}`
    const rows: Row[] = await sql<Row>(`${from}${filter}${order}`, [...values, ...(after ?? [])])
    yield rows
    const last = rows.at(-1)
    if (names === '' || last === undefined || rows.length < pageRows) return
    after = key.map((name) => last[name])
  }
}

type Column = { readonly name: string; readonly kind: string }

/** Integers and instants as numbers, in the database, which knows which columns they are. */
async function selected(sql: Sql, table: string): Promise<string> {
  const columns = await columnsOf(sql, table)
  return columns
    .map(({ name, kind }) => {
      if (kind === 'timestamp with time zone') {
        return `(extract(epoch from ${name}) * 1000)::float8 as ${name}`
      }
      if (kind === 'bigint') return `${name}::float8 as ${name}`
      return kind === 'USER-DEFINED' ? `${name}::text as ${name}` : name
    })
    .join(', ')
}

async function columnsOf(sql: Sql, table: string): Promise<Column[]> {
  return await sql<Column>(
    `select column_name as name, data_type as kind from information_schema.columns
where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  )
}

/** In the order of their writing. */
export async function* dumpVersions(sql: Sql): AsyncGenerator<readonly VersionRecord[]> {
  const from = `select seq::float8 as seq, at, txn as transaction, table_name as "table", writer,
epoch::float8 as epoch, holder, before, after from ${versionsTable}`
  const instants = new Map<string, readonly string[]>()
  for await (const page of pagesOf(sql, { from, where: [], values: [], key: ['seq'] })) {
    const records = page as unknown as readonly VersionRecord[]
    for (const { table } of records) {
      if (!instants.has(table)) instants.set(table, await instantsOf(sql, table))
    }
    yield records.map((record) => {
      const names = instants.get(record.table) ?? []
      const before = withInstants(record.before, names)
      return { ...record, before, after: withInstants(record.after, names) }
    })
  }
}

/** The columns that are instants, which a recorded row has as texts. */
async function instantsOf(sql: Sql, table: string): Promise<readonly string[]> {
  const columns = await columnsOf(sql, table)
  return columns.flatMap(({ name, kind }) => (kind === 'timestamp with time zone' ? [name] : []))
}

function withInstants(row: Row | null, names: readonly string[]): Row | null {
  if (row === null) return null
  const changed: Record<string, unknown> = { ...row }
  for (const name of names) changed[name] = instantOf(row[name])
  return changed
}

/** As a row's own column is dumped: milliseconds, and microseconds as their fraction. */
export function instantOf(text: unknown): number | null {
  if (typeof text !== 'string') return null
  const parts = /^([^.+Z]+?)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)$/.exec(text)
  if (parts === null) throw new TypeError(`a recorded row has ${text} for an instant`)
  const [, seconds = '', fraction = '0', zone = ''] = parts
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone
  return Date.parse(`${seconds}${offset}`) + Number(`0.${fraction}`) * 1000
}
