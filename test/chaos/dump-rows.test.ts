/**
 * Tables of many pages become files of as many records, each once and in order, whatever the region;
 * and no page is of another moment than the first one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snapshotOf, sqlOf } from '../../bench/failover/open-system.ts'
import { dumpRows, dumpVersions } from '../../chaos/evidence/dump-rows.ts'
import type { Row } from '../../chaos/evidence/evidence.ts'
import { writeJsonLines } from '../../chaos/evidence/json-lines.ts'
import { installVersions } from '../../chaos/evidence/versions.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { goldenRegions } from '../support/golden.ts'

const units = 6_001
const insertClaims = `insert into claims (region, event_id, unit, state, version)
select $1, e.event, g, 'free', 0 from unnest(array['e1', 'e2']) as e(event)
cross join generate_series(0, ${units - 1}) as g`

describe('dumped rows', () => {
  let database: TestDatabase
  let pool: pg.Pool
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-dump-'))
  const homes = goldenRegions.slice(0, 2).map(({ name }) => name)
  beforeAll(async () => {
    database = await createTestDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 3, application_name: 'drill' })
  })
  afterAll(async () => {
    await pool.end()
    await database[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const rowsOf = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)

  it('are all there, of one moment, in the order of their keys', async () => {
    for (const home of homes) await pool.query(insertClaims, [home])
    const written = await snapshotOf(pool, async (sql) => {
      const pages = dumpRows(sql, 'claims')
      const first = await pages.next()
      // A page is in hand; what is changed from now on is of another moment.
      await pool.query(`update claims set version = 1`)
      async function* all() {
        if (first.done !== true) yield first.value
        yield* pages
      }
      return await writeJsonLines(join(folder, 'claims.jsonl'), all())
    })
    const rows = rowsOf('claims.jsonl')
    expect(written).toBe(homes.length * 2 * units)
    expect(rows).toHaveLength(written)
    const places = rows.map((row) => [row['region'], row['event_id'], row['unit']].join(' '))
    const expected = [...homes]
      .sort()
      .flatMap((home) =>
        ['e1', 'e2'].flatMap((event) =>
          Array.from({ length: units }, (_, unit) => `${home} ${event} ${unit}`),
        ),
      )
    expect(places).toEqual(expected)
    expect(rows.filter((row) => row['version'] !== 0)).toEqual([])
  })

  it('have their changes beside them, each once, numbered in their order', async () => {
    expect(await installVersions(sqlOf(pool))).toBe(true)
    await pool.query(`update claims set version = 2`)
    await pool.query(`delete from claims where event_id = 'e2' and unit = 7`)
    await writeJsonLines(join(folder, 'versions.jsonl'), dumpVersions(sqlOf(pool)))
    const versions = rowsOf('versions.jsonl')
    const updated = homes.length * 2 * units
    expect(versions.map(({ seq }) => seq)).toEqual(
      Array.from({ length: updated + homes.length }, (_, index) => index + 1),
    )
    expect(versions.slice(updated)).toMatchObject(
      homes.map(() => ({
        table: 'claims',
        writer: 'drill',
        // Nobody has ever sold here.
        epoch: 0,
        holder: '',
        before: { event_id: 'e2', unit: 7, version: 2 },
        after: null,
      })),
    )
  })

  it('are not read twice when the record is asked for again', async () => {
    expect(await installVersions(sqlOf(pool))).toBe(true)
    await pool.query(`update claims set version = 3 where event_id = 'e1' and unit = 0`)
    const [last] = await sqlOf(pool)<{ versions: number }>(
      `select count(*)::int4 as versions from drill_versions where (after->>'version')::int8 = 3`,
    )
    expect(last?.versions).toBe(homes.length)
  })
})
