/** Drops a database of a test with everything in it, in the words of its engine. */

import { onServer } from './on-server.ts'

export type Engine = 'postgresql' | 'cockroachdb'

export async function dropDatabase(serverUrl: string, name: string, engine: Engine): Promise<void> {
  const anyhow = engine === 'postgresql' ? 'with (force)' : 'cascade'
  await onServer(serverUrl, `drop database ${name} ${anyhow}`)
}
