/**
 * Collects the distinct statements that reach the database, one JSON line each, for the check of
 * CockroachDB's grammar. Off unless STATEMENT_LOG names a folder.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

export type StatementSink = (name: string | null, text: string) => void

/** One file a process: several processes may log into one folder. */
export function statementLog(folder: string): StatementSink {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${process.pid}.jsonl`)
  const seen = new Set<string>()
  return (name, text) => {
    if (seen.has(text)) return
    seen.add(text)
    appendFileSync(file, `${JSON.stringify({ name, sql: text })}\n`)
  }
}
