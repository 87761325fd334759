/** A database without any table, dropped at the end of its scope. */
import { randomBytes } from 'node:crypto'
import { dropDatabase, type Engine } from './drop-database.ts'
import { onServer } from './on-server.ts'

export type EmptyDatabase = AsyncDisposable & { readonly url: string }

/** Made on the server at `serverUrl`, PostgreSQL unless told, as a user who may make databases. */
export async function createEmptyDatabase(
  serverUrl: string,
  engine: Engine = 'postgresql',
): Promise<EmptyDatabase> {
  const name = `frontrow_test_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => dropDatabase(serverUrl, name, engine),
  }
}
