/**
 * The servers that the system tests share: one throw-away PostgreSQL a run, or the one that
 * FRONTROW_TEST_DATABASE_URL names (it must allow making databases). Each test file makes its own
 * databases on it, and its own Redis. What a killed run left behind is removed by the next one.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { detectEngine } from '../../migrations/engine.ts'
import { migrate } from '../../migrations/migrate.ts'
import { claimFolder } from '../../regions/local/folder-claim.ts'
import { startPostgres } from '../../regions/local/postgres.ts'
import { stopProcess } from '../../regions/local/process.ts'
import { identityOf } from '../../regions/local/process-identity.ts'
import { findRedisServer } from '../../regions/local/redis.ts'
import { dropDatabase } from './drop-database.ts'
import { goldenRegions } from './golden.ts'
import { onServer } from './on-server.ts'

/** What test files get to know; plain data, because it travels to other processes. */
export type TestServices = {
  /** A superuser's address on the server; databases are made beside the one it names. */
  readonly databaseUrl: string
  readonly engine: 'postgresql' | 'cockroachdb'
  /** A migrated database to copy; null where the engine can't copy one. */
  readonly template: string | null
  /** What a new database is made with; not empty where its tables are placed in regions. */
  readonly regionsClause: string
  /** A Redis that FRONTROW_TEST_REDIS_URL names; null when each file starts its own. */
  readonly redisUrl: string | null
  /** Why there is no Redis for tests; null when there is one. */
  readonly redisMissing: string | null
  /** For the data of servers that single tests start; every account may enter it. */
  readonly folder: string
}

export type RunningTestServices = AsyncDisposable & {
  readonly services: TestServices
  /** For a process that ends now: nothing asynchronous, nothing kept. */
  readonly abandon: () => void
}

const folderPrefix = 'frontrow-test-'

export async function startTestServices(): Promise<RunningTestServices> {
  await removeAbandonedFolders()
  const folder = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  // As root the server runs under another account, which must get in.
  chmodSync(folder, 0o755)
  const database = await openDatabaseServer(folder)
  try {
    const template = await makeTemplate(database.url)
    const redisUrl = process.env['FRONTROW_TEST_REDIS_URL'] ?? null
    const hasRedis = redisUrl !== null || findRedisServer() !== undefined
    return {
      services: {
        ...template,
        databaseUrl: database.url,
        redisUrl,
        redisMissing: hasRedis
          ? null
          : 'no redis-server or valkey-server; npm run setup brings one',
        folder,
      },
      abandon: () => {
        database.abandon()
        rmSync(folder, { recursive: true, force: true })
      },
      async [Symbol.asyncDispose]() {
        if (template.template !== null) await dropTemplate(database.url, template.template)
        await database[Symbol.asyncDispose]()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
}

type DatabaseServer = AsyncDisposable & { readonly url: string; readonly abandon: () => void }

async function openDatabaseServer(folder: string): Promise<DatabaseServer> {
  const given = process.env['FRONTROW_TEST_DATABASE_URL']
  if (given !== undefined && given !== '') {
    return { url: given, abandon: () => undefined, [Symbol.asyncDispose]: async () => undefined }
  }
  const server = await startPostgres({ dataFolder: join(folder, 'postgres'), durable: false })
  return {
    url: server.url,
    abandon: () => process.kill(server.pid, 'SIGKILL'),
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  }
}

type Template = Pick<TestServices, 'engine' | 'template' | 'regionsClause'>

async function makeTemplate(serverUrl: string): Promise<Template> {
  const engine = await engineOf(serverUrl)
  if (engine === 'cockroachdb') {
    return { engine, template: null, regionsClause: await regionsClauseFor(serverUrl) }
  }
  const template = `frontrow_template_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${template}`)
  const url = new URL(serverUrl)
  url.pathname = `/${template}`
  await migrate({ url: url.href, regions: goldenRegions })
  // A stray connection would make every copy fail.
  await onServer(serverUrl, `alter database ${template} with is_template true`)
  await onServer(serverUrl, `alter database ${template} with allow_connections false`)
  return { engine, template, regionsClause: '' }
}

/** Empty unless the cluster has nodes in all regions of the tests, and places tables in them. */
async function regionsClauseFor(serverUrl: string): Promise<string> {
  const names = goldenRegions.map(({ name }) => `"${name}"`)
  const clause = `primary region ${names[0]} regions ${names.join(', ')} survive region failure`
  const probe = `frontrow_probe_${randomBytes(6).toString('hex')}`
  try {
    await onServer(serverUrl, `create database ${probe} ${clause}`)
  } catch {
    return ''
  }
  await dropDatabase(serverUrl, probe, 'cockroachdb')
  return clause
}

async function dropTemplate(serverUrl: string, template: string): Promise<void> {
  await onServer(serverUrl, `alter database ${template} with is_template false`)
  await onServer(serverUrl, `drop database ${template} with (force)`)
}

async function engineOf(url: string): Promise<TestServices['engine']> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await detectEngine(client)).kind
  } finally {
    await client.end()
  }
}

/** Folders of runs that were killed, with the servers that outlived even that. */
async function removeAbandonedFolders(): Promise<void> {
  for (const entry of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${folderPrefix}(\\d+)-`).exec(entry)?.[1])
    if (Number.isNaN(pid) || identityOf(pid) !== undefined) continue
    const folder = join(tmpdir(), entry)
    // Another user's is theirs to remove.
    if (statSync(folder).uid !== process.getuid?.()) continue
    for (const service of readdirSync(folder)) await stopServers(join(folder, service))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function stopServers(dataFolder: string): Promise<void> {
  const claim = await claimFolder(dataFolder, {
    name: 'A killed test run',
    stopOrphan: async (service) =>
      await stopProcess(service, { signal: 'SIGINT', withinMs: 5_000 }),
  })
  claim.release()
}
