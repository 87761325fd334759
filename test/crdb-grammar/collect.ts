/**
 * Gathers what reaches the database: every file of migrations/ and of ops/compose/sql/, and every
 * statement that the pool handed to its driver while the suite ran. Decides nothing about them.
 */
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../tidy/source.ts'
import type { Statement } from './check.ts'

const recordedFolder = join('.frontrow', 'statements')

/** All migrations/NNNN-name/*.sql in the order in which they run. */
export async function migrationStatements(root = projectRoot): Promise<Statement[]> {
  const folder = join(root, 'migrations')
  const steps = await readdir(folder, { withFileTypes: true })
  const statements: Statement[] = []
  for (const step of steps.filter((entry) => entry.isDirectory()).map((entry) => entry.name)) {
    for (const file of await readdir(join(folder, step))) {
      if (!file.endsWith('.sql')) continue
      statements.push({
        name: null,
        sql: await readFile(join(folder, step, file), 'utf8'),
        source: ['migrations', step, file].join('/'),
        dialect: file.endsWith('.crdb.sql') ? 'cockroach' : 'shared',
      })
    }
  }
  return statements.toSorted((one, other) => (one.source < other.source ? -1 : 1))
}

/** What makes the cluster of the Compose file, which only a CockroachDB ever sees. */
export async function clusterStatements(root = projectRoot): Promise<Statement[]> {
  const folder = join('ops', 'compose', 'sql')
  const names = await readdir(join(root, folder), { recursive: true })
  const statements: Statement[] = []
  for (const name of names.filter((one) => one.endsWith('.sql')).toSorted()) {
    const text = await readFile(join(root, folder, name), 'utf8')
    const bare = text.replaceAll(/^--.*$/gm, '')
    // No statement there holds a semicolon within itself.
    const parts = bare.split(';').filter((part) => part.trim() !== '')
    const source = join(folder, name)
    statements.push(
      ...parts.map((sql) => ({ name: null, sql, source, dialect: 'cockroach' as const })),
    )
  }
  return statements
}

/** The distinct texts among all recorded ones; a name is kept where any recording had one. */
export async function recordedStatements(root = projectRoot): Promise<Statement[]> {
  const known = new Map<string, Statement>()
  for (const file of await recordings(root)) {
    for (const { name, sql } of await linesOf(file)) {
      const earlier = known.get(sql)
      if (earlier !== undefined && (earlier.name !== null || name === null)) continue
      known.set(sql, { name, sql, source: 'recorded', dialect: 'shared' })
    }
  }
  return [...known.values()]
}

/** True when a suite ran that promised recordings, so that none of them is a fault. */
export async function recordingWasExpected(root = projectRoot): Promise<boolean> {
  try {
    await access(join(root, recordedFolder, 'expected'))
    return true
  } catch {
    return false
  }
}

async function recordings(root: string): Promise<string[]> {
  try {
    const names = await readdir(join(root, recordedFolder))
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .toSorted()
      .map((name) => join(root, recordedFolder, name))
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return []
    throw cause
  }
}

type Line = { readonly name: string | null; readonly sql: string }

async function linesOf(file: string): Promise<Line[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  // A writer that was killed leaves half a line at the end; anywhere else it is a fault.
  const last = lines.pop()
  const whole = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
  return last === undefined || last === '' ? whole : [...whole, ...unfinished(last)]
}

function unfinished(line: string): Line[] {
  try {
    return [JSON.parse(line) as Line]
  } catch {
    return []
  }
}
