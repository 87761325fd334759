/**
 * Every strike of the database proxy at a real database, seen from the store: its statement runner
 * must tell what surely did not happen from what may have happened, for each of them.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type PostgresProxy,
  type ProxyFault,
  startPostgresProxy,
} from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import type { Strike } from '../../chaos/faults/fault-maker.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  UnknownOutcomeError,
} from '../../server/stores/outcome.ts'
import { runRead, runWrite, type Statement } from '../../server/stores/statement.ts'
import { inTransaction } from '../../server/stores/transaction.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

const lanes = 8

let database: TestDatabase
let proxy: PostgresProxy
let db: Database
/** Past the proxy. */
let eye: Pool

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await startPostgresProxy(database.url, { seed: 6 })
  eye = new Pool({ connectionString: database.url, max: lanes })
  await eye.query('create table struck (id text primary key, note text not null)')
  db = openDatabase({
    url: proxy.url,
    poolMax: lanes,
    clock: systemClock,
    random: systemRandom,
    statementTimeoutMs: 10_000,
  })
})
afterEach(async () => {
  proxy.calm()
  // Whatever was struck, those who come next are served.
  expect(await runRead(db, count, ['nobody'])).toEqual([{ count: 0 }])
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  await eye.end()
  await proxy[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const text = 'insert into struck (id, note) values ($1::text, $2::text) returning id, note'
const insert: Statement = { name: 'struck.insert', text }
const count: Statement = {
  name: 'struck.count',
  text: 'select count(*)::int4 as count from struck where id = $1::text',
}

const error = (code: string, done: boolean): ProxyFault => ({ kind: 'error', code, done })

async function isDone(id: string): Promise<boolean> {
  return (await eye.query('select 1 from struck where id = $1', [id])).rowCount === 1
}

/** The class of what it throws, or what it answers. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.catch((cause: unknown) => (cause as { constructor: unknown }).constructor)
}

const ambiguous: readonly (readonly [said: string, fault: ProxyFault, done: boolean])[] = [
  ['cut before the effect', { kind: 'cut-before' }, false],
  ['cut after it', { kind: 'cut-after' }, true],
  ['cut in the reply', { kind: 'cut-in-reply' }, true],
  ['40003 before the effect', error('40003', false), false],
  ['40003 after it', error('40003', true), true],
  ['XXUUU before the effect', error('XXUUU', false), false],
  ['XXUUU after it', error('XXUUU', true), true],
]

describe.each(ambiguous)('%s', (_, fault, done) => {
  it('leaves the outcome of a write unknown', async () => {
    const id = randomUUID()
    proxy.strike(insert.name, fault)
    expect(await outcomeOf(runWrite(db, insert, [id, 'once']))).toBe(UnknownOutcomeError)
    expect(await isDone(id)).toBe(done)
    expect(proxy.felt()).toBe(1)
  })

  it('leaves the outcome of a commit unknown', async () => {
    const id = randomUUID()
    proxy.strike('commit', fault)
    expect(await outcomeOf(insertInTransaction(id))).toBe(UnknownOutcomeError)
    expect(await isDone(id)).toBe(done)
    expect(proxy.felt()).toBe(1)
  })

  it('only makes a read be read again', async () => {
    proxy.strike(count.name, fault, 2)
    expect(await runRead(db, count, ['nobody'])).toEqual([{ count: 0 }])
    expect(proxy.felt()).toBe(2)
  })

  it('before the commit of a transaction changes nothing, and is not taken for a success', async () => {
    const id = randomUUID()
    proxy.add({ strike: fault as Strike, statements: /^insert into/, share: 1 })
    const outcome = await outcomeOf(insertInTransaction(id))
    expect([ContentionError, DatabaseUnavailableError]).toContain(outcome)
    expect(await isDone(id)).toBe(false)
  })
})

describe('40001', () => {
  it('is tried again as often as the limit says, and not once more', async () => {
    const last = limits.transactionAttemptsMax - 1
    proxy.strike(insert.name, error('40001', false), last)
    expect(await runWrite(db, insert, ['last-attempt', 'x'])).toHaveLength(1)
    expect(proxy.felt()).toBe(last)
    proxy.strike(insert.name, error('40001', false), last + 1)
    expect(await outcomeOf(runWrite(db, insert, ['too-late', 'x']))).toBe(ContentionError)
    expect(await isDone('too-late')).toBe(false)
  })

  it('at the commit runs the whole transaction again', async () => {
    proxy.strike('commit', error('40001', false), 2)
    let runs = 0
    await inTransaction(db, 'struck', async () => {
      runs += 1
    })
    expect(runs).toBe(3)
  })

  it('ten times in a row for one statement is given up, and others pass', async () => {
    const rule = {
      strike: { kind: 'error', code: '40001', done: false },
      statements: /^struck\.insert$/,
      inARow: limits.transactionAttemptsMax,
      share: 0.5,
    } as const
    const standing = proxy.add(rule)
    const ids = Array.from({ length: 12 }, () => randomUUID())
    const outcomes = await Promise.all(ids.map((id) => outcomeOf(runWrite(db, insert, [id, 'x']))))
    const lost = outcomes.filter((one) => one === ContentionError).length
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(ids.length)
    expect(standing.felt()).toBe(lost * limits.transactionAttemptsMax)
    for (const [index, id] of ids.entries()) {
      expect(await isDone(id)).toBe(outcomes[index] !== ContentionError)
    }
    const [kind, statement] = ['error 40001 before the effect', insert.name]
    expect(proxy.counts()).toEqual([{ kind, statement, count: standing.felt() }])
  })
})

it('no room is told as unavailable', async () => {
  proxy.strike(insert.name, error('53100', false))
  expect(await outcomeOf(runWrite(db, insert, ['full', 'x']))).toBe(DatabaseUnavailableError)
})

describe('an error told in a transaction', () => {
  it('leaves it failed at the server too, until its end', async () => {
    await using one = await connection()
    for (const done of [false, true]) {
      await one.query('begin')
      proxy.strike('update', error('40001', done))
      const update = { name: 'update', text: 'update struck set note = $1', values: ['gone'] }
      await expect(one.query(update)).rejects.toMatchObject({ code: '40001' })
      await expect(one.query('select 1')).rejects.toMatchObject({ code: '25P02' })
      expect((await one.query('commit')).command).toBe('ROLLBACK')
      expect((await one.query(update)).command).toBe('UPDATE')
    }
    expect(proxy.felt()).toBe(2)
  })

  it('at its commit leaves it over', async () => {
    await using one = await connection()
    for (const done of [false, true]) {
      const id = randomUUID()
      await one.query('begin')
      await one.query({ name: insert.name, text, values: [id, 'x'] })
      proxy.strike('commit', error('40003', done))
      await expect(one.query('commit')).rejects.toMatchObject({ code: '40003' })
      expect(await isDone(id)).toBe(done)
      expect((await one.query('select now() = statement_timestamp() as alone')).rows).toEqual([
        { alone: true },
      ])
    }
  })

  it('at its beginning leaves none', async () => {
    await using one = await connection()
    for (const done of [false, true]) {
      proxy.strike('begin', error('40003', done))
      await expect(one.query('begin')).rejects.toMatchObject({ code: '40003' })
      const id = randomUUID()
      await one.query({ name: insert.name, text, values: [id, 'x'] })
      expect(await isDone(id)).toBe(true)
    }
  })

  it('is the own error of the server when that fails by itself', async () => {
    await using one = await connection()
    proxy.strike(insert.name, error('40003', true))
    const twice = { name: insert.name, text, values: ['twice', 'x'] }
    await eye.query(text, twice.values)
    await expect(one.query(twice)).rejects.toMatchObject({ code: '23505' })
    expect((await one.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})

describe('a wait', () => {
  const waitMs = 500

  it('ends without an error', async () => {
    proxy.strike(insert.name, { kind: 'wait', ms: waitMs }, 2)
    const startedMs = performance.now()
    const rows = await Promise.all(
      ['slow-1', 'slow-2'].map((id) => runWrite(db, insert, [id, 'x'])),
    )
    expect(rows).toMatchObject([[{ id: 'slow-1' }], [{ id: 'slow-2' }]])
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(waitMs - 1)
  })

  it('is outlasted by the statement: it is done when nobody waits any more', async () => {
    proxy.strike(insert.name, { kind: 'wait', ms: 3 * waitMs }, 1_000)
    const ids = Array.from({ length: lanes }, () => randomUUID())
    const doneBefore = await Promise.all(ids.map(giveUp))
    // Half of them were late on their way to the database, half on their way back.
    expect(new Set(doneBefore)).toEqual(new Set([true, false]))
    for (const id of ids) await eventually(() => isDone(id), { what: `${id} done after all` })
  })

  /** @returns whether it was done by then */
  async function giveUp(id: string): Promise<boolean> {
    const client = new Client({ connectionString: proxy.url, query_timeout: waitMs })
    client.on('error', () => undefined)
    await client.connect()
    const asked = client.query({ name: insert.name, text, values: [id, 'x'] })
    await expect(asked).rejects.toThrow('Query read timeout')
    void client.end()
    return isDone(id)
  }
})

describe('a reply that breaks off', () => {
  const note = 'every byte of this must arrive or nothing does. '.repeat(5)

  it('at any of its bytes is no answer, and never a wrong one', async () => {
    let at = 0
    let longest = 0
    const lane = async (number: number): Promise<void> => {
      const own = { name: `struck.lane-${number}`, text }
      for (;;) {
        const position = at++
        const id = `byte-${position}`
        proxy.strike(own.name, { kind: 'cut-in-reply', at: position })
        const outcome = await outcomeWhenDone(own, id)
        if (outcome !== UnknownOutcomeError) {
          // Only a reply that came whole is an answer.
          expect(outcome).toEqual([{ id, note }])
          return
        }
        longest = Math.max(longest, position)
      }
    }
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
    expect(longest).toBeGreaterThan(note.length)
    // All that broke off before the end were unknown: no position in between was an answer.
    expect(at - longest).toBeLessThanOrEqual(lanes + 1)
    expect(proxy.felt()).toBe(at)
  })

  /** On a busy machine the statement may not even get there: that is never told as an answer. */
  async function outcomeWhenDone(own: Statement, id: string): Promise<unknown> {
    for (;;) {
      const outcome = await outcomeOf(runWrite(db, own, [id, note]))
      if (await isDone(id)) return outcome
      expect([UnknownOutcomeError, DatabaseUnavailableError]).toContain(outcome)
    }
  }

  it('is read again by a read', async () => {
    await eye.query(text, ['read', note])
    const read = { name: 'struck.read', text: 'select note from struck where id = $1::text' }
    for (let at = 0; at < note.length; at += 11) {
      proxy.strike(read.name, { kind: 'cut-in-reply', at })
      expect(await runRead(db, read, ['read'])).toEqual([{ note }])
    }
  })
})

describe('what is not struck', () => {
  it('comes whole, however long it is, and whatever share of others is struck', async () => {
    proxy.add({ strike: { kind: 'cut-after' }, statements: /^other$/, share: 1 })
    await using one = await connection()
    const big = await one.query(
      'select repeat(n::text, 300000) as many from generate_series(1, 9) n',
    )
    expect(big.rows).toEqual(
      Array.from({ length: 9 }, (_, n) => ({ many: String(n + 1).repeat(300_000) })),
    )
    const long = 'y'.repeat(3_000_000)
    expect((await one.query('select length($1::text) as long', [long])).rows).toEqual([
      { long: long.length },
    ])
    expect(proxy.felt()).toBe(0)
  })

  it('waits in the database while its reader is slow, not in the proxy', async () => {
    await using one = await connection()
    const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid')
    const { stream } = (one as unknown as { connection: { stream: NodeJS.ReadStream } }).connection
    const asked = one.query("select repeat('z', 1000000) as z from generate_series(1, 60)")
    stream.pause()
    const waits = 'select wait_event from pg_stat_activity where pid = $1'
    // Once it would only mean that the proxy was busy: it has to stay so.
    let looks = 0
    await eventually(
      async () => {
        const seen = await eye.query<{ wait_event: string }>(waits, [rows[0]?.pid])
        looks = seen.rows[0]?.wait_event === 'ClientWrite' ? looks + 1 : 0
        return looks === 25
      },
      { what: 'the database waiting for its reader' },
    )
    stream.resume()
    expect((await asked).rowCount).toBe(60)
  })
})

function insertInTransaction(id: string): Promise<void> {
  return inTransaction(db, 'struck', async (tx) => {
    await sql`insert into struck (id, note) values (${id}, 'x')`.execute(tx)
  })
}

async function connection(): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: proxy.url })
  client.on('error', () => undefined)
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}
