import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { detectEngine } from '../migrations/engine.ts'
import { claim, LostLeaseError, makeLockTable, renew } from '../migrations/lock.ts'
import { type MigrateOptions, migrate } from '../migrations/migrate.ts'
import { ensureRegionType } from '../migrations/region-type.ts'
import { readSteps } from '../migrations/steps.ts'
import { createEmptyDatabase } from './support/empty-database.ts'
import { eventually } from './support/eventually.ts'
import {
  goldenRegions,
  goldenSchemaFile,
  schemaOf,
  schemaTypesFile,
  schemaTypesOf,
} from './support/golden.ts'
import { describeUnless } from './support/skip.ts'

const regions = goldenRegions
const { databaseUrl, engine } = inject('services')
const emptyDatabase = () => createEmptyDatabase(databaseUrl, engine)
/** What is compared below is PostgreSQL's own account of a schema. */
const notPostgres = engine === 'postgresql' ? null : 'the golden schema is that of PostgreSQL'
const stepsHere = (await readSteps()).filter((step) => !step.cockroachOnly).length

async function connected(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

/** A copy of all migrations that a test may edit. */
async function copiedMigrations(): Promise<AsyncDisposable & { folder: URL; path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'frontrow-migrations-'))
  await cp(fileURLToPath(new URL('../migrations/', import.meta.url)), path, { recursive: true })
  return {
    path,
    folder: pathToFileURL(`${path}/`),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

describeUnless(notPostgres, 'a fresh database', () => {
  it('is what the golden schema and the committed types say', async () => {
    await using database = await emptyDatabase()
    const result = await migrate({ url: database.url, regions })
    expect(result.applied.length).toBe(stepsHere)
    const again = 'out of date: run npm run db:golden'
    expect(await schemaOf(database.url), again).toBe(await readFile(goldenSchemaFile, 'utf8'))
    expect(await schemaTypesOf(database.url), again).toBe(await readFile(schemaTypesFile, 'utf8'))
  })

  it('is told which steps its engine skips, and has none of them', async () => {
    await using database = await emptyDatabase()
    const lines: string[] = []
    const result = await migrate({ url: database.url, regions, log: (line) => lines.push(line) })
    const steps = await readSteps()
    const cockroachOnly = steps.filter((step) => step.name.endsWith('.crdb.sql'))
    expect(cockroachOnly.length).toBeGreaterThan(0)
    expect(result.skipped).toEqual(cockroachOnly.map((step) => step.name))
    expect(lines.join('\n')).toContain(`PostgreSQL: ${cockroachOnly.length} steps`)
    expect(result.applied.some((name) => name.endsWith('.crdb.sql'))).toBe(false)
  })

  it('becomes the same when each step runs twice', async () => {
    await using database = await emptyDatabase()
    await using client = await connected(database.url)
    await makeLockTable(client)
    await makeLockTable(client)
    const engine = await detectEngine(client)
    const names = regions.map(({ name }) => name)
    await ensureRegionType(client, engine, names)
    await ensureRegionType(client, engine, names)
    for (const step of (await readSteps()).filter((each) => !each.cockroachOnly)) {
      await client.query(step.sql)
      await client.query(step.sql)
    }
    expect(await schemaOf(database.url)).toBe(await readFile(goldenSchemaFile, 'utf8'))
  })
})

describeUnless(notPostgres, 'runners', () => {
  it('may start twenty at once: each step is applied by one of them', async () => {
    await using database = await emptyDatabase()
    const runners = Array.from({ length: 20 }, () => migrate({ url: database.url, regions }))
    const results = await Promise.all(runners)
    const applied = results.flatMap((result) => result.applied)
    const expected = (await readSteps()).filter((step) => !step.cockroachOnly)
    expect(applied.toSorted()).toEqual(expected.map((step) => step.name))
    expect(await schemaOf(database.url)).toBe(await readFile(goldenSchemaFile, 'utf8'))
  })

  it('find nothing left the second time', async () => {
    await using database = await emptyDatabase()
    await migrate({ url: database.url, regions })
    expect((await migrate({ url: database.url, regions })).applied).toEqual([])
  })

  it('wait for a living one and take over from a dead one', async () => {
    await using database = await emptyDatabase()
    await using client = await connected(database.url)
    await makeLockTable(client)
    await claim(client, 'a runner that died')
    let done = false
    const waiting = migrate({ url: database.url, regions }).finally(() => {
      done = true
    })
    await triedToClaim(client)
    expect(done).toBe(false)
    await client.query(`update migration_lock set expires_at = now() - interval '1 second'`)
    expect((await waiting).applied.length).toBe(stepsHere)
  })

  it('stop when their lease has gone to another', async () => {
    await using database = await emptyDatabase()
    await using client = await connected(database.url)
    await makeLockTable(client)
    await claim(client, 'slow')
    await client.query(`update migration_lock set expires_at = now() - interval '1 second'`)
    await claim(client, 'quick')
    await expect(renew(client, 'slow')).rejects.toThrow(LostLeaseError)
    await renew(client, 'quick')
  })

  it('leave no lease behind when a step fails, and go on from it', async () => {
    await using database = await emptyDatabase()
    await using copy = await copiedMigrations()
    const options: MigrateOptions = { url: database.url, regions, folder: copy.folder }
    await mkdir(join(copy.path, '9999-last'))
    const file = join(copy.path, '9999-last', '010-last.sql')
    await writeFile(file, 'create table if not exists wrong (id nonsense)')
    await expect(migrate(options)).rejects.toThrow(/nonsense/)
    await writeFile(file, 'create table if not exists wrong (id text not null, primary key (id))')
    expect((await migrate(options)).applied).toEqual(['9999-last/010-last.sql'])
  })
})

describe('released steps', () => {
  it('are refused once they were edited', async () => {
    await using database = await emptyDatabase()
    await using copy = await copiedMigrations()
    const options: MigrateOptions = { url: database.url, regions, folder: copy.folder }
    await migrate(options)
    const file = join(copy.path, '0001-catalogue', '010-organisations.sql')
    await writeFile(file, (await readFile(file, 'utf8')).replace('name text', 'title text'))
    await expect(migrate(options)).rejects.toThrow(/010-organisations.sql was edited/)
  })
})

describeUnless(notPostgres, 'regions', () => {
  it('may be added later, and their names are checked', async () => {
    await using database = await emptyDatabase()
    await migrate({ url: database.url, regions: [{ name: 'us-east1' }] })
    await migrate({ url: database.url, regions })
    await using client = await connected(database.url)
    const { rows } = await client.query<{ region: string }>(
      'select unnest(enum_range(null::crdb_internal_region))::text as region',
    )
    expect(rows.map((row) => row.region)).toEqual(regions.map(({ name }) => name))
    const hostile = [{ name: `x'); drop table events; --` }]
    await expect(migrate({ url: database.url, regions: hostile })).rejects.toThrow(/not a region/)
  })
})

/** Resolves once some other connection has asked for the lock and is about to ask again. */
function triedToClaim(client: Client): Promise<void> {
  const asked = async () => {
    const { rowCount } = await client.query(
      `select 1 from pg_stat_activity where datname = current_database()
       and application_name = 'frontrow-migrate' and state = 'idle'
       and query like 'update migration_lock set holder%'`,
    )
    return (rowCount ?? 0) > 0
  }
  return eventually(asked, { what: 'a second runner asks for the lock' })
}
