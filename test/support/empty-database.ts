/** An empty database on the tests' PostgreSQL, dropped at the end of its scope. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

export type EmptyDatabase = AsyncDisposable & { readonly url: string }

export async function createEmptyDatabase(): Promise<EmptyDatabase> {
  const server = serverUrl()
  const name = `frontrow_test_${randomBytes(6).toString('hex')}`
  await runOn(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => runOn(server, `drop database ${name} with (force)`),
  }
}

function serverUrl(): string {
  const url = process.env['TEST_POSTGRES_URL']
  if (!url) throw new Error('TEST_POSTGRES_URL names no PostgreSQL for tests')
  return url
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
