/** Those who run the platform: few, and entered by a command at a server's own machine. */
import type { Reader } from './reading.ts'
import type { Tx } from './transaction.ts'

export async function isPlatformAdminRow(reader: Reader, person: string): Promise<boolean> {
  const row = await reader
    .selectFrom('platform_admins')
    .select('person')
    .where('person', '=', person)
    .executeTakeFirst()
  return row !== undefined
}

export type PlatformAdmin = { readonly person: string; readonly since: Date }

/** In the order of their ids; more than `limit` nobody needs. */
export async function listPlatformAdmins(reader: Reader, limit: number): Promise<PlatformAdmin[]> {
  const rows = await reader
    .selectFrom('platform_admins')
    .select(['person', 'created_at'])
    .orderBy('person')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ person: row.person, since: row.created_at }))
}

/** Does nothing when the person is one already. */
export async function putPlatformAdmin(tx: Tx, person: string): Promise<void> {
  await tx
    .insertInto('platform_admins')
    .values({ person })
    .onConflict((conflict) => conflict.column('person').doNothing())
    .execute()
}

/** False when the person was none. */
export async function deletePlatformAdmin(tx: Tx, person: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('platform_admins')
    .where('person', '=', person)
    .returning('person')
    .executeTakeFirst()
  return row !== undefined
}
