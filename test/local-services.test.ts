/** The servers that the launcher starts: kept data, killed parts, and what a person is told. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { startPostgres } from '../regions/local/postgres.ts'
import { identityOf, isRunning } from '../regions/local/process-identity.ts'
import { findRedisServer, startRedis } from '../regions/local/redis.ts'
import { findTypesenseServer, startTypesense } from '../regions/local/typesense.ts'
import { describeService, newFolder, sentenceOf } from './local-services/service-cases.ts'
import { describeUnless } from './support/skip.ts'

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

describe('the local PostgreSQL', () => {
  describeService({
    kind: 'postgres',
    name: 'PostgreSQL',
    start: startPostgres,
    write: async (url, value) => {
      await query(url, `create table kept (value text); insert into kept values ('${value}')`)
    },
    read: async (url) => String((await query(url, 'select value from kept'))[0]?.['value']),
  })

  it('is serializable, durable, in UTC, and only reachable with its password from here', async () => {
    await using server = await startPostgres({ dataFolder: newFolder() })
    const settings = await query(
      server.url,
      `select current_setting('transaction_isolation') as isolation,
         current_setting('fsync') as fsync, current_setting('TimeZone') as zone,
         current_setting('listen_addresses') as address, current_database() as database`,
    )
    expect(settings).toEqual([
      {
        isolation: 'serializable',
        fsync: 'on',
        zone: 'UTC',
        address: '127.0.0.1',
        database: 'frontrow',
      },
    ])
    const guessed = new URL(server.url)
    guessed.password = 'guessed'
    await expect(query(guessed.href, 'select 1')).rejects.toThrow(/password authentication failed/)
  })

  it('starts although its lock file names a stranger with its own account', async () => {
    const dataFolder = newFolder()
    const first = await startPostgres({ dataFolder })
    await first.kill()
    const { uid, gid } = statSync(join(dataFolder, 'cluster'))
    const stranger = spawn('sleep', ['600'], process.getuid?.() === 0 ? { uid, gid } : {})
    const identity = identityOf(stranger.pid!)!
    const lockFile = join(dataFolder, 'cluster', 'postmaster.pid')
    const [, ...rest] = readFileSync(lockFile, 'utf8').split('\n')
    writeFileSync(lockFile, [stranger.pid, ...rest].join('\n'))
    await using _ = await startPostgres({ dataFolder })
    expect(isRunning(identity)).toBe(true)
    stranger.kill()
  })

  it('stops a server that only its lock file knows', async () => {
    const dataFolder = newFolder()
    const first = await startPostgres({ dataFolder })
    const identity = identityOf(first.pid)!
    // As if the launcher had died before it could write this down.
    writeFileSync(join(dataFolder, 'running.json'), '')
    await using _ = await startPostgres({ dataFolder })
    expect(isRunning(identity)).toBe(false)
  })

  it('works below a folder that only this user may enter', async () => {
    const closed = newFolder()
    mkdirSync(closed, { mode: 0o700 })
    await using server = await startPostgres({ dataFolder: join(closed, 'data') })
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('names data of another major version', async () => {
    const dataFolder = newFolder()
    await (await startPostgres({ dataFolder })).stop()
    writeFileSync(join(dataFolder, 'cluster', 'PG_VERSION'), '16\n')
    expect(await sentenceOf(startPostgres({ dataFolder }))).toBe(
      `The database in ${dataFolder} was made by PostgreSQL 16, and this is 18: choose another data folder, or start with --fresh.`,
    )
  })
})

const noRedis = findRedisServer() === undefined ? 'no redis-server: npm run setup brings one' : null
describeUnless(noRedis, 'the local Redis', () => {
  const start = async (options: Parameters<typeof startRedis>[0]) => (await startRedis(options))!

  async function ask<Answer>(url: string, question: (redis: Redis) => Promise<Answer>) {
    const redis = new Redis(url, { maxRetriesPerRequest: 0 })
    redis.on('error', () => undefined)
    try {
      return await question(redis)
    } finally {
      redis.disconnect()
    }
  }

  describeService({
    kind: 'redis',
    name: 'Redis',
    start,
    write: async (url, value) => {
      await ask(url, async (redis) => await redis.set('kept', value))
    },
    read: async (url) => await ask(url, async (redis) => await redis.get('kept')),
  })

  it('evicts nothing, keeps an append-only file, and wants its password', async () => {
    await using server = await start({ dataFolder: newFolder() })
    const settings = await ask(server.url, async (redis) => [
      await redis.config('GET', 'maxmemory-policy'),
      await redis.config('GET', 'appendonly'),
      await redis.config('GET', 'appendfsync'),
    ])
    expect(JSON.stringify(settings)).toMatch(/noeviction.*yes.*everysec/)
    const bare = `redis://127.0.0.1:${server.port}`
    await expect(ask(bare, async (redis) => await redis.get('kept'))).rejects.toThrow(/NOAUTH/)
  })
})

const noTypesense =
  findTypesenseServer() === undefined ? 'no typesense-server: npm run setup brings one' : null
describeUnless(noTypesense, 'the local Typesense', () => {
  it('goes on with its data at a second start, at the same address', async () => {
    const dataFolder = newFolder()
    const options = { dataFolder, apiKey: 'secret' }
    const headers = { 'x-typesense-api-key': 'secret', 'content-type': 'application/json' }
    const first = (await startTypesense(options))!
    const body = JSON.stringify({ name: 'events', fields: [{ name: 'title', type: 'string' }] })
    const made = await fetch(`${first.url}/collections`, { method: 'POST', headers, body })
    expect(made.status).toBe(201)
    await first.stop()
    await using second = (await startTypesense(options))!
    expect(second.url).toBe(first.url)
    expect((await fetch(`${second.url}/collections/events`, { headers })).status).toBe(200)
  })
})
