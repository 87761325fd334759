/**
 * Brings the database of several regions to the newest schema before any of their servers starts,
 * so that no server waits for another one's lease, and nothing of it goes over a slow link.
 */
import { migrate } from '../../../migrations/migrate.ts'
import { releaseAbandonedMigration } from '../abandoned-migration.ts'
import type { LocalRegionPlan } from '../local-regions.ts'
import { StartError } from '../start-error.ts'

/** @throws StartError with what the database said. */
export async function prepareDatabase(
  url: string,
  { isOurs, regions }: { readonly isOurs: boolean; readonly regions: readonly LocalRegionPlan[] },
): Promise<void> {
  try {
    if (isOurs) await releaseAbandonedMigration(url)
    await migrate({ url, regions })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`The database could not be prepared: ${reason}`, { cause })
  }
}
