/** The files of this folder in the order in which they run. One idempotent statement a file. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

export type Step = {
  /** `0002-sale/030-claims.sql` */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text: a released file is never edited. */
  readonly checksum: string
  /** Only for a CockroachDB with regions. */
  readonly cockroachOnly: boolean
}

/** Every step of `folder` (this folder unless told), sorted by change and then by file. */
export async function readSteps(folder: URL = new URL('./', import.meta.url)): Promise<Step[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const changes = entries.filter((entry) => entry.isDirectory() && /^\d{4}-/.test(entry.name))
  const steps: Step[] = []
  for (const change of changes.map((entry) => entry.name).sort()) {
    const files = await readdir(new URL(`${change}/`, folder))
    for (const file of files.filter((name) => name.endsWith('.sql')).sort()) {
      const sql = (await readFile(new URL(`${change}/${file}`, folder), 'utf8')).trim()
      const checksum = createHash('sha256').update(sql).digest('hex')
      steps.push({
        name: `${change}/${file}`,
        sql,
        checksum,
        cockroachOnly: file.endsWith('.crdb.sql'),
      })
    }
  }
  return steps
}
