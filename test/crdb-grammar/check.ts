/**
 * Asks the Go program what CockroachDB would not take. One process for all statements, since what
 * the DDL among them says about localities and nulls holds for all the others.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { buildChecker } from './build.ts'

export type Statement = {
  readonly name: string | null
  readonly sql: string
  /** Where it was found: a file, or "recorded". */
  readonly source: string
  /** cockroach: text that PostgreSQL never sees. */
  readonly dialect: 'shared' | 'cockroach'
}

export type Violation = {
  readonly name: string
  readonly source: string
  readonly rule: string
  /** Only errors fail the check; a note says what was allowed, or did not run. */
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  readonly sql: string
}

export type CheckOptions = {
  /** Regional and global tables beside those that the DDL among the statements declares. */
  readonly regional?: readonly string[]
  readonly global?: readonly string[]
  /** Prefixes of the names of statements on the sale path. */
  readonly hot?: readonly string[]
  /** JSON file: table, column, nullable; without it the DDL among the statements tells. */
  readonly schemaFile?: string
}

/**
 * Checks statements; an empty answer means that CockroachDB takes all of them.
 * @throws NotToBeHadError when the program can't be built on this machine
 */
export async function checkStatements(
  statements: readonly Statement[],
  options: CheckOptions = {},
): Promise<Violation[]> {
  const program = await buildChecker()
  const child = spawn(program, flagsOf(options), { stdio: ['pipe', 'pipe', 'pipe'] })
  const lines = statements.map((one) => JSON.stringify({ ...one, name: one.name ?? '' }))
  child.stdin.end(`${lines.join('\n')}\n`)
  const [printed, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (code !== 0) throw new Error(`crdb-grammar ended with ${code}: ${complaint.trim()}`)
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Violation)
}

function flagsOf(options: CheckOptions): string[] {
  const lists = { regional: options.regional, global: options.global, hot: options.hot }
  const flags = Object.entries(lists).flatMap(([flag, names]) =>
    names === undefined ? [] : [`--${flag}=${names.join(',')}`],
  )
  return options.schemaFile === undefined ? flags : [...flags, `--schema=${options.schemaFile}`]
}

/** One violation as a person reads it in a failed test. */
export function describeViolation(violation: Violation): string {
  const where = [violation.source, violation.name].filter((part) => part !== '').join(' ')
  return `${violation.level} ${violation.rule} (${where}): ${violation.message}\n    ${violation.sql.trim().replaceAll(/\s+/g, ' ')}`
}
