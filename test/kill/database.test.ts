/**
 * Kill -9 of a durable PostgreSQL while fans buy, three times: the server comes back by itself, no
 * acknowledged order is lost, and every payment ends captured with tickets or let go.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { migrate } from '../../migrations/migrate.ts'
import { type LocalPostgres, startPostgres } from '../../regions/local/postgres.ts'
import { goldenRegions } from '../support/golden.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'
import { Crowd } from './crowd.ts'
import { openProcessSystem } from './process-system.ts'

const kills = 3
const salesBetween = 25

for (const book of ['sql', 'redis'] as const) {
  describeUnless(book === 'redis' ? redisMissing() : null, `with the ${book} hold book`, () => {
    it('no kill of the database loses an order or money', { timeout: 300_000 }, async () => {
      await using database = await startKillableDatabase()
      await using system = await openProcessSystem({ book, databaseUrl: database.url })
      const crowd = await Crowd.gather(system, { fans: 16, events: 6 })
      for (let kill = 0; kill < kills; kill += 1) {
        await crowd.progress(salesBetween)
        await database.kill()
        await database.start()
      }
      await crowd.progress(salesBetween)
      await crowd.stop()
      await system.settle()
      const { acknowledged, refused } = crowd
      process.stdout.write(`${book}: ${acknowledged.length} acknowledged, ${refused} refused\n`)
      expect(await system.faults(acknowledged)).toEqual([])
    })
  })
}

type KillableDatabase = AsyncDisposable & {
  readonly url: string
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
}

/** Everything is on the disk before it is told. */
async function startKillableDatabase(): Promise<KillableDatabase> {
  const dataFolder = join(inject('services').folder, `postgres-${randomUUID()}`)
  let server: LocalPostgres = await startPostgres({ dataFolder, durable: true })
  const { url, port } = server
  await migrate({ url, regions: goldenRegions })
  return {
    url,
    kill: async () => await server.kill(),
    start: async () => {
      server = await startPostgres({ dataFolder, durable: true, port })
    },
    async [Symbol.asyncDispose]() {
      await server.kill()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}
