/**
 * Our tables against what the accounts library expects for our very options: a new version of it
 * that wants another column, type or rule fails here and not at somebody's sign-in.
 */
import { getAuthTables } from 'better-auth/db'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountRows } from '../../server/domain/account-rows.ts'
import { columnOf, tableOfModel } from '../../server/gateways/accounts/account-adapter.ts'
import { libraryOptions } from '../../server/gateways/accounts/library.ts'
import { boundedPasswords } from '../../server/gateways/accounts/passwords.ts'
import { accountColumns } from '../../server/stores/accounts/account-rows.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const noRows = {} as AccountRows
const wanted = getAuthTables(
  libraryOptions({
    rows: noRows,
    passwords: boundedPasswords(),
    secret: 'x'.repeat(32),
    newUserId: () => '',
    newId: () => '',
  }),
)
const types: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'boolean',
  date: 'timestamp with time zone',
  number: 'integer',
}

let database: TestDatabase
let client: Client
beforeAll(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database[Symbol.asyncDispose]()
})

describe('the library', () => {
  it('wants these tables and no other', () => {
    expect(Object.keys(wanted).sort()).toEqual(Object.keys(tableOfModel).sort())
  })

  it.each(Object.entries(tableOfModel))('finds %s in %s as it wants it', async (model, table) => {
    const fields = Object.entries(wanted[model]?.fields ?? {})
    const expected = fields.map(([name, field]) => ({
      column: columnOf(name),
      type: types[String(field.type)],
      nullable: field.required === false,
    }))
    const id = { column: 'id', type: 'text', nullable: false }
    const found = await columnsOf(table)
    const region = { column: 'region', type: 'USER-DEFINED', nullable: false }
    const byName = (one: { column: string }, other: { column: string }) =>
      one.column < other.column ? -1 : 1
    expect(found.sort(byName)).toEqual([region, id, ...expected].sort(byName))
    expect([...accountColumns[table]].sort()).toEqual(
      found.map(({ column }) => column).filter((column) => column !== 'region'),
    )
  })

  it.each(
    Object.entries(tableOfModel).flatMap(([model, table]) =>
      Object.entries(wanted[model]?.fields ?? {})
        .filter(([, { unique }]) => unique === true)
        .map(([field]) => [table, columnOf(field)] as const),
    ),
  )('has %s.%s unique within a region', async (table, column) => {
    const { rows } = await client.query<{ indexdef: string }>(
      'select indexdef from pg_indexes where tablename = $1',
      [table],
    )
    const unique = new RegExp(`^CREATE UNIQUE INDEX .*\\(region, ${column}\\)$`)
    expect(rows.filter(({ indexdef }) => unique.test(indexdef))).toHaveLength(1)
  })

  async function columnsOf(table: string) {
    const { rows } = await client.query<{ column: string; type: string; nullable: boolean }>(
      `select column_name as column, data_type as type, is_nullable = 'YES' as nullable
      from information_schema.columns where table_schema = 'public' and table_name = $1`,
      [table],
    )
    return rows
  }
})
