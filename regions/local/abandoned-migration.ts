/**
 * A server that was killed in the middle of a migration leaves its lease on the migration lock, and
 * the next one would wait until it runs out. Over a database of our own, whose folder is claimed,
 * no other runner can be alive: the lease is taken away. Never to be used on a database of others.
 */
import { Client } from 'pg'

const undefinedTable = '42P01'

export async function releaseAbandonedMigration(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('update migration_lock set holder = null where holder is not null')
  } catch (error) {
    const isYoung = error instanceof Error && 'code' in error && error.code === undefinedTable
    if (!isYoung) throw error
  } finally {
    await client.end()
  }
}
