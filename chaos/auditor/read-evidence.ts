/** The evidence of a run in memory, read from its folder. Changes nothing there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DumpedTable,
  dumpedTables,
  evidenceFiles,
  type FaultRecord,
  type LedgerLine,
  type Row,
  type RunFacts,
  type ShownAvailability,
  type VersionRecord,
} from '../evidence/evidence.ts'
import type { Entry } from '../history/entry.ts'
import { readJsonLines } from './json-lines.ts'

export type Evidence = {
  readonly run: RunFacts
  readonly history: readonly Entry[]
  readonly faults: readonly FaultRecord[]
  /** Empty where the database kept none. */
  readonly versions: readonly VersionRecord[]
  readonly ledger: readonly LedgerLine[]
  readonly availability: readonly ShownAvailability[]
  readonly rows: Readonly<Record<DumpedTable, readonly Row[]>>
}

export async function readEvidence(folder: string): Promise<Evidence> {
  const run = await readJson<RunFacts>(join(folder, evidenceFiles.run))
  const lines = <Value>(file: string) => readJsonLines<Value>(join(folder, file))
  const rows = {} as Record<DumpedTable, readonly Row[]>
  for (const table of dumpedTables) rows[table] = await lines<Row>(evidenceFiles.rows(table))
  return {
    run,
    history: await lines<Entry>(evidenceFiles.history),
    faults: await lines<FaultRecord>(evidenceFiles.faults),
    versions: run.hasVersions ? await lines<VersionRecord>(evidenceFiles.versions) : [],
    ledger: await readJson<LedgerLine[]>(join(folder, evidenceFiles.ledger)),
    availability: await lines<ShownAvailability>(evidenceFiles.availability),
    rows,
  }
}

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8')) as Value
}
