/**
 * A second database that stays as the first one was when it was frozen: a copy that is really old,
 * for as long as a test needs it. PostgreSQL has no follower reads, and no test waits for a lag.
 */
import { createTestDatabase } from './database.ts'
import { openFixtures } from './sale-system.ts'

export type FrozenCopy = AsyncDisposable & {
  readonly url: string
  /** From now on it shows what the database at `from` shows now. */
  readonly freeze: (from: string) => Promise<void>
  /** Every row of every table. */
  readonly rows: () => Promise<ReadonlyMap<string, string>>
}

/** As empty as a database after its migrations until it is frozen. */
export async function openFrozenCopy(): Promise<FrozenCopy> {
  const database = await createTestDatabase()
  const pool = openFixtures(database.url)
  const tables = async () => {
    const { rows } = await pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_name not like '%migration%' order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  const contents = async (from: ReturnType<typeof openFixtures>) => {
    const all = new Map<string, string>()
    for (const name of await tables()) {
      const query = `select coalesce(json_agg(one order by one::text), '[]')::text as rows from ${name} as one`
      const { rows } = await from.query<{ rows: string }>(query)
      all.set(name, rows[0]?.rows ?? '[]')
    }
    return all
  }
  return {
    url: database.url,
    freeze: async (from) => {
      const source = openFixtures(from)
      try {
        const copied = await contents(source)
        await pool.query(`truncate ${[...copied.keys()].join(', ')}`)
        for (const [name, rows] of copied) {
          const insert = `insert into ${name} select * from json_populate_recordset(null::${name}, $1::json)`
          await pool.query(insert, [rows])
        }
      } finally {
        await source.end()
      }
    },
    rows: () => contents(pool),
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await database[Symbol.asyncDispose]()
    },
  }
}
