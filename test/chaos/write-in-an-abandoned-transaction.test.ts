/**
 * Seen before: a write was acknowledged and was not there. A transaction's statement had not been
 * answered in time, its rollback neither, and the connection went back to the pool; the answer came
 * after all, and the next writes were done inside the transaction that nobody ended.
 */
import { sql } from 'kysely'
import { Client } from 'pg'
import { expect, it } from 'vitest'
import { startPostgresProxy } from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { openDatabase } from '../../server/stores/database.ts'
import { DatabaseUnavailableError, UnknownOutcomeError } from '../../server/stores/outcome.ts'
import { runWrite } from '../../server/stores/statement.ts'
import { inTransaction } from '../../server/stores/transaction.ts'
import { createTestDatabase } from '../support/database.ts'

const statementTimeoutMs = 100
const insert = { name: 'next', text: 'insert into struck (id) values ($1::text) returning id' }

it.each([
  ['a statement of it', /^insert into struck \(id\) values \(\$1\)$/, DatabaseUnavailableError],
  ['its commit', /^commit$/, UnknownOutcomeError],
])('a write after a transaction in which %s got no answer is kept', async (_, statements, said) => {
  await using database = await createTestDatabase()
  await using proxy = await startPostgresProxy(database.url)
  await using eye = await connected(database.url)
  await eye.query('create table struck (id text primary key)')
  const ports = { clock: systemClock, random: systemRandom }
  await using db = openDatabase({ url: proxy.url, poolMax: 1, statementTimeoutMs, ...ports })
  const givenUpMs = statementTimeoutMs + limits.statementGraceMs
  // The answer comes once statement and rollback have been given up, and somebody else has asked.
  proxy.add({ strike: { kind: 'wait', ms: 2 * givenUpMs + 600 }, statements, share: 1 })
  const startedMs = performance.now()
  const abandoned = inTransaction(db, 'abandoned', async (tx) => {
    await sql`insert into struck (id) values (${'abandoned'})`.execute(tx)
  })
  await expect(abandoned).rejects.toThrow(said)
  // Once is enough: an answer to the rollback is not waited for as well.
  expect(performance.now() - startedMs).toBeLessThan(2 * givenUpMs)
  const written = await runWrite(db, insert, ['next'])
  expect(written).toEqual([{ id: 'next' }])
  expect((await eye.query("select id from struck where id = 'next'")).rows).toEqual(written)
})

async function connected(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}
