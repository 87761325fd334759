/** A database of one's own on the run's server, dropped at the end of its scope. */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { migrate } from '../../migrations/migrate.ts'
import { dropDatabase } from './drop-database.ts'
import { goldenRegions } from './golden.ts'
import { onServer } from './on-server.ts'

export type TestDatabase = AsyncDisposable & { readonly url: string }

/** With all migrations applied, for the regions in `goldenRegions`; otherwise empty. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { template, regionsClause } = inject('services')
  if (template !== null) return await createDatabase(`template ${template}`)
  const database = await createDatabase(regionsClause)
  await migrate({ url: database.url, regions: goldenRegions })
  return database
}

async function createDatabase(clause: string): Promise<TestDatabase> {
  const { databaseUrl, engine } = inject('services')
  const name = `frontrow_test_${randomBytes(6).toString('hex')}`
  await onServer(databaseUrl, `create database ${name} ${clause}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => dropDatabase(databaseUrl, name, engine),
  }
}
