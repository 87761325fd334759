/** The rows of a made-up run, and every change of them, as a database would have recorded it. */
import type { DumpedTable, Row, VersionRecord } from '../../evidence/evidence.ts'
import { text } from '../facts/columns.ts'

type Recorded = VersionRecord['table']

/** What all changes of one transaction have in common. */
export type Writing = {
  readonly at: number
  readonly writer: string
  readonly transaction: string
}

export class Rows {
  readonly versions: VersionRecord[] = []
  readonly #tables = new Map<DumpedTable, Map<string, Row>>()
  #transactions = 0

  begin(at: number, writer: string): Writing {
    this.#transactions += 1
    return { at, writer, transaction: String(1000 + this.#transactions) }
  }

  find(table: DumpedTable, key: string): Row | undefined {
    return this.#tables.get(table)?.get(key)
  }

  get(table: DumpedTable, key: string): Row {
    const row = this.find(table, key)
    if (row === undefined) throw new Error(`no ${table} ${key}`)
    return row
  }

  all(table: DumpedTable): Row[] {
    return [...(this.#tables.get(table)?.values() ?? [])]
  }

  /** Makes the row, or changes some of its columns. */
  write(writing: Writing, at: readonly [table: Recorded, key: string], columns: Row): void {
    const [table, key] = at
    const before = this.find(table, key) ?? null
    const after = before === null ? columns : { ...before, ...columns }
    this.put(table, key, after)
    const home = text(after, 'region')
    const authority = this.find('authority', home) ?? after
    this.versions.push({
      seq: this.versions.length + 1,
      ...writing,
      table,
      epoch: Number(authority['epoch']),
      holder: text(authority, 'server_region'),
      before,
      after,
    })
  }

  /** Of tables whose changes nobody records. */
  put(table: DumpedTable, key: string, row: Row): void {
    const rows = this.#tables.get(table) ?? new Map<string, Row>()
    this.#tables.set(table, rows)
    rows.set(key, row)
  }
}
