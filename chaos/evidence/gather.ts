/**
 * Puts together, once a run is quiet, all that is known of it: rows and their changes of one moment,
 * the provider's ledger, and what each region shows. History and faults were written while it ran.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLedger } from '../../bench/onsale/simulator-calls.ts'
import type { Ground } from '../ground/ground.ts'
import { askAvailability } from './ask-availability.ts'
import { dumpRows, dumpVersions } from './dump-rows.ts'
import { type DumpedTable, dumpedTables, evidenceFiles, type RunFacts } from './evidence.ts'
import { writeJsonArray, writeJsonLines } from './json-lines.ts'

export type Gathered = {
  readonly rows: Readonly<Record<DumpedTable, number>>
  readonly versions: number
  readonly intents: number
  /** Regions that showed nothing, and why. */
  readonly silent: Readonly<Record<string, string>>
}

type From = Pick<Ground, 'snapshot' | 'stripeUrl' | 'regions' | 'endpointsAt'>

/**
 * @param folder where the history of the run lies already, or will
 * @throws Error when the database or the provider cannot be asked: nothing can be judged then
 */
export async function gatherEvidence(
  ground: From,
  folder: string,
  facts: RunFacts,
): Promise<Gathered> {
  await mkdir(folder, { recursive: true })
  const file = (name: string) => join(folder, name)
  await writeFile(file(evidenceFiles.run), `${JSON.stringify(facts, null, 2)}\n`)
  const { rows, versions } = await ground.snapshot(async (sql) => {
    const counts: [DumpedTable, number][] = []
    for (const table of dumpedTables) {
      const written = await writeJsonLines(file(evidenceFiles.rows(table)), dumpRows(sql, table))
      counts.push([table, written])
    }
    const recorded = facts.hasVersions === true ? dumpVersions(sql) : []
    return {
      rows: Object.fromEntries(counts) as Record<DumpedTable, number>,
      versions: await writeJsonLines(file(evidenceFiles.versions), recorded),
    }
  })
  const ledger = await readLedger(ground.stripeUrl)
  const intents = await writeJsonArray(file(evidenceFiles.ledger), [ledger])
  const silent: Record<string, string> = {}
  const shown = askAvailability({
    regions: ground.regions,
    endpointsAt: ground.endpointsAt,
    events: facts.events,
    since: facts.quietAt ?? facts.healedAt,
    onSilent: (region, { code, message }) => {
      silent[region] = `${code}: ${message}`
    },
  })
  await writeJsonLines(file(evidenceFiles.availability), shown)
  return { rows, versions, intents, silent }
}
