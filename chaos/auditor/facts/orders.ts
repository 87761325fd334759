/** Orders as the dump has them. */
import type { Row } from '../../evidence/evidence.ts'
import { integer, json, text, textOrNull, timeOrNull } from './columns.ts'

export type Line = { readonly unit: number; readonly amount: number }

export type OrderRow = {
  readonly id: string
  readonly region: string
  readonly event: string
  readonly buyer: string
  readonly state: string
  /** Each with its fee. */
  readonly lines: readonly Line[]
  /** As the row counts them. */
  readonly unitCount: number
  readonly total: number
  readonly currency: string
  readonly version: number
  readonly expiresAt: number
}

export function orderOf(row: Row): OrderRow {
  return {
    id: text(row, 'id'),
    region: text(row, 'region'),
    event: text(row, 'event_id'),
    buyer: text(row, 'buyer'),
    state: text(row, 'state'),
    lines: linesOf(row),
    unitCount: integer(row, 'units'),
    total: integer(row, 'total'),
    currency: text(row, 'currency'),
    version: integer(row, 'version'),
    expiresAt: timeOrNull(row, 'expires_at') ?? 0,
  }
}

function linesOf(row: Row): Line[] {
  const lines = json(row, 'lines') as readonly Row[]
  return lines.map((line) => ({
    unit: integer(line, 'unit'),
    amount: integer(line, 'price') + integer(line, 'fee'),
  }))
}

export function unitsOf({ lines }: OrderRow): number[] {
  return lines.map(({ unit }) => unit)
}

/** Rows that belong to orders, by the order. */
export function byOrder(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const order = text(row, 'order_id')
    const some = found.get(order)
    if (some === undefined) found.set(order, [row])
    else some.push(row)
  }
  return found
}

export function stateOf(row: Row | null): string {
  return row === null ? 'nothing' : (textOrNull(row, 'state') ?? '')
}
