/** A database without any table, dropped at the end of its scope. */
import { randomBytes } from 'node:crypto'
import { onServer } from './on-server.ts'

export type EmptyDatabase = AsyncDisposable & { readonly url: string }

/** Made on the PostgreSQL at `serverUrl`, as a user who may make databases. */
export async function createEmptyDatabase(serverUrl: string): Promise<EmptyDatabase> {
  const name = `frontrow_test_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => onServer(serverUrl, `drop database ${name} with (force)`),
  }
}
