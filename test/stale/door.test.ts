/** The door to the copy: nothing is written through it, and what it cannot answer is read fresh. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFreePort } from '../../regions/local/free-port.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { reading } from '../../server/stores/reading.ts'
import { readingStale, runReadAs, runStaleRead } from '../../server/stores/stale-reading.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createEmptyDatabase, type EmptyDatabase } from '../support/empty-database.ts'
import { type FrozenCopy, openFrozenCopy } from '../support/frozen-copy.ts'

let database: TestDatabase
let copy: FrozenCopy
let bare: EmptyDatabase
let nowMs = 0
const answers: string[] = []
const opened: Database[] = []

function openWith(staleUrl?: string): Database {
  const db = openDatabase({
    url: database.url,
    ...(staleUrl === undefined ? {} : { staleUrl }),
    poolMax: 2,
    clock: { ...systemClock, monotonicMs: () => nowMs },
    random: systemRandom,
    metrics: {
      attempt: () => undefined,
      staleRead: ({ use, answer }) => answers.push(`${use} ${answer}`),
    },
  })
  opened.push(db)
  return db
}

beforeAll(async () => {
  database = await createTestDatabase()
  copy = await openFrozenCopy()
  bare = await createEmptyDatabase(database.url)
})
afterAll(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]()
  await bare[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
beforeEach(() => {
  answers.length = 0
})

const count = { name: 'test.count', text: 'select count(*) as count from authority' }
const insert = {
  name: 'test.insert',
  text: `insert into authority (region, server_region, epoch) values ('us-east1', 'us-east1', 1)`,
}
const countIn = async (db: Database, staleOk: 'browsing' | 'scan' = 'browsing') =>
  (await runStaleRead<{ count: number }>(db, { statement: count, staleOk }, []))[0]?.count

describe('a write', () => {
  it.each([
    ['of the copy', () => copy.url],
    ['of the database itself', () => undefined],
  ])('through the door %s fails, and is not done by the other way', async (_, urlOf) => {
    const db = openWith(urlOf())
    const readOnly = { code: '25006' }
    const asked = { statement: insert, staleOk: 'scan' } as const
    await expect(runStaleRead(db, asked, [])).rejects.toMatchObject(readOnly)
    const closure = readingStale(db, { name: 'test.delete', staleOk: 'scan' }, (reader) =>
      reader.deleteFrom('events').execute(),
    )
    await expect(closure).rejects.toMatchObject(readOnly)
    expect(answers).toEqual([])
    expect(await runReadAs(db, { statement: count, as: 'fresh' }, [])).toEqual([{ count: 0 }])
    expect((await copy.rows()).get('authority')).toBe('[]')
  })
})

describe('a read that may be old', () => {
  it('is answered by the copy, and by the database when it must be fresh', async () => {
    const db = openWith(copy.url)
    await db.pool.query(insert.text)
    try {
      expect(await countIn(db)).toBe(0)
      expect(await runReadAs(db, { statement: count, as: 'scan' }, [])).toEqual([{ count: 0 }])
      for (const as of ['fresh', 'soon'] as const) {
        expect(await runReadAs(db, { statement: count, as }, [])).toEqual([{ count: 1 }])
      }
      const find = { name: 'test.find', staleOk: 'history' } as const
      const read = readingStale(db, find, (reader) =>
        reader.selectFrom('authority').selectAll().execute(),
      )
      expect(await read).toEqual([])
      expect(answers).toEqual(['browsing stale', 'scan stale', 'history stale'])
    } finally {
      await db.pool.query('delete from authority')
    }
  })

  it('is answered by the database while the copy is away, which then is left alone', async () => {
    const port = await findFreePort()
    const db = openWith(`postgresql://127.0.0.1:${port}/nobody`)
    expect(await countIn(db, 'scan')).toBe(0)
    const { restsUntilMs } = db.staleCopy
    expect(restsUntilMs).toBe(nowMs + limits.staleRestMs)
    expect(await countIn(db)).toBe(0)
    expect(db.staleCopy.restsUntilMs).toBe(restsUntilMs)
    nowMs = restsUntilMs
    expect(await countIn(db)).toBe(0)
    expect(db.staleCopy.restsUntilMs).toBe(nowMs + limits.staleRestMs)
    expect(answers).toEqual(['scan fresh', 'browsing fresh', 'browsing fresh'])
  })

  it('is answered by the database where the copy does not know a table yet', async () => {
    const db = openWith(bare.url)
    expect(await countIn(db)).toBe(0)
    expect(answers).toEqual(['browsing fresh'])
    expect(db.staleCopy.restsUntilMs).toBeLessThan(nowMs)
  })

  it('takes no serializable locks, which would make sales retry', async () => {
    const db = openWith()
    const isolation = { name: 'test.isolation', text: 'show transaction_isolation' }
    const rows = await runStaleRead(db, { statement: isolation, staleOk: 'scan' }, [])
    expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }])
    const fresh = await reading(db, 'test.isolation', () => db.pool.query(isolation.text))
    expect(fresh.rows).toEqual([{ transaction_isolation: 'serializable' }])
  })
})
