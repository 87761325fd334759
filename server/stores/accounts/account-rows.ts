/**
 * The five tables of the accounts library, one home region at a time. Which statements there are is
 * the library's choice, so their texts are compiled from its conditions; every one binds the region,
 * names its columns, and is one implicit transaction.
 */
import { createHash } from 'node:crypto'
import {
  type CompiledQuery,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type SqlBool,
  sql,
} from 'kysely'
import type {
  AccountChange,
  AccountCondition,
  AccountFind,
  AccountRows,
  AccountTable,
} from '../../domain/account-rows.ts'
import { assert } from '../../platform/assert.ts'
import type { Database } from '../database.ts'
import { runRead, runWrite } from '../statement.ts'

/** Named one by one: a column that a newer release adds does not change what is prepared. */
export const accountColumns: Readonly<Record<AccountTable, readonly string[]>> = {
  users: [
    'id',
    'name',
    'email',
    'email_verified',
    'image',
    'locale',
    'two_factor_enabled',
    'created_at',
    'updated_at',
  ],
  sessions: [
    'id',
    'user_id',
    'token',
    'ip_address',
    'user_agent',
    'expires_at',
    'created_at',
    'updated_at',
  ],
  credentials: [
    'id',
    'user_id',
    'account_id',
    'provider_id',
    'password',
    'access_token',
    'refresh_token',
    'id_token',
    'access_token_expires_at',
    'refresh_token_expires_at',
    'scope',
    'created_at',
    'updated_at',
  ],
  verifications: ['id', 'identifier', 'value', 'expires_at', 'created_at', 'updated_at'],
  two_factors: [
    'id',
    'user_id',
    'secret',
    'backup_codes',
    'verified',
    'failed_verification_count',
    'locked_until',
  ],
}

/** Tables and columns are data here; `known` checks each against the list above. */
type Loose = Readonly<Record<AccountTable, Record<string, unknown>>>

export function accountRows(db: Database, region: string): AccountRows {
  const builder = db.kysely as unknown as Kysely<Loose>
  const write = (action: string, table: AccountTable, query: CompiledQuery) =>
    runWrite<Record<string, never>>(db, named(action, table, query), query.parameters)
  return {
    insert: async (table, row) => {
      for (const column of Object.keys(row)) known(table, column)
      const query = builder
        .insertInto(table)
        .values({ region, ...row })
        .returning(accountColumns[table])
        .compile()
      const [made] = await write('insert', table, query)
      assert(made !== undefined, 'an insert returns its row')
      return made
    },
    find: async (table, wish) => {
      const query = selection(builder, { table, region, wish })
      return await runRead<Record<string, never>>(db, named('find', table, query), query.parameters)
    },
    update: async (table, { where, set, add = {} }: AccountChange) => {
      const query = builder
        .updateTable(table)
        .set((row) => ({ ...set, ...sums(row, table, add) }))
        .where((row) => row.and([row('region', '=', region), ...conditions(row, table, where)]))
        .returning(accountColumns[table])
        .compile()
      return await write('update', table, query)
    },
    remove: async (table, where) => {
      const query = builder
        .deleteFrom(table)
        .where((row) => row.and([row('region', '=', region), ...conditions(row, table, where)]))
        .returning(accountColumns[table])
        .compile()
      return await write('delete', table, query)
    },
  }
}

type Row = ExpressionBuilder<Loose, AccountTable>

function selection(
  builder: Kysely<Loose>,
  { table, region, wish }: { table: AccountTable; region: string; wish: AccountFind },
): CompiledQuery {
  const { where, limit, offset, sortBy } = wish
  const plain = builder
    .selectFrom(table)
    .select(accountColumns[table])
    .where((row) => row.and([row('region', '=', region), ...conditions(row, table, where)]))
    .limit(limit)
  const sorted =
    sortBy === undefined
      ? plain
      : plain.orderBy(known(table, sortBy.column), (order) =>
          sortBy.direction === 'asc' ? order.asc().nullsLast() : order.desc().nullsLast(),
        )
  return offset === undefined || offset === 0 ? sorted.compile() : sorted.offset(offset).compile()
}

function conditions(
  row: Row,
  table: AccountTable,
  where: readonly AccountCondition[],
): ExpressionWrapper<Loose, AccountTable, SqlBool>[] {
  return where.map(({ column, operator, value }) => {
    const name = known(table, column)
    if (operator === 'in') return row(name, '=', sql`any(${value})`)
    if (value !== null) return row(name, operator, value)
    return operator === '=' ? row(name, 'is', null) : row(name, 'is not', null)
  })
}

function sums(row: Row, table: AccountTable, add: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(add).map(([column, amount]) => {
      const name = known(table, column)
      return [name, sql`coalesce(${row.ref(name)}, 0) + ${amount}::int4`]
    }),
  )
}

function known(table: AccountTable, column: string): string {
  assert(accountColumns[table].includes(column), 'a column of accounts is known')
  return column
}

/** One text a name: what differs in its text is another statement. */
function named(action: string, table: AccountTable, { sql: text }: CompiledQuery) {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return { name: `accounts.${action}-${table.replace('_', '-')}-${digest}`, text }
}
