/** Runs one statement on a database server, on a connection of its own. */
import { Client } from 'pg'

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
