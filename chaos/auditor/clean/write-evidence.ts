/** Evidence as the folder that a drill leaves, for what reads such folders. */
import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dumpedTables, evidenceFiles } from '../../evidence/evidence.ts'
import type { Evidence } from '../read-evidence.ts'

export async function writeEvidence(folder: string, evidence: Evidence): Promise<void> {
  const { run, history, faults, versions, ledger, availability, rows } = evidence
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, evidenceFiles.run), JSON.stringify(run))
  await writeFile(join(folder, evidenceFiles.ledger), JSON.stringify(ledger))
  await writeLines(join(folder, evidenceFiles.history), history)
  await writeLines(join(folder, evidenceFiles.faults), faults)
  await writeLines(join(folder, evidenceFiles.versions), versions)
  await writeLines(join(folder, evidenceFiles.availability), availability)
  for (const table of dumpedTables) {
    await writeLines(join(folder, evidenceFiles.rows(table)), rows[table])
  }
}

const linesAtOnce = 10_000

async function writeLines(path: string, values: readonly unknown[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await using file = await open(path, 'w')
  for (let from = 0; from < values.length; from += linesAtOnce) {
    const lines = values.slice(from, from + linesAtOnce).map((value) => JSON.stringify(value))
    await file.write(`${lines.join('\n')}\n`)
  }
}
