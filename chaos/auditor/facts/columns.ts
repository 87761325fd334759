/**
 * Columns of rows as the evidence has them. Times may come as milliseconds or as ISO 8601, and
 * int8 as text: both are what databases make JSON of. A column of another type is no evidence.
 */
import type { Row } from '../../evidence/evidence.ts'

export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
}

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new EvidenceError(`${column} is no text in ${JSON.stringify(row)}`)
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null || row[column] === undefined ? null : text(row, column)
}

export function integer(row: Row, column: string): number {
  const value = row[column]
  const number = typeof value === 'string' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new EvidenceError(`${column} is no whole number in ${JSON.stringify(row)}`)
}

/** Milliseconds since the Unix epoch, or null. */
export function timeOrNull(row: Row, column: string): number | null {
  const value = row[column]
  if (value === null || value === undefined) return null
  const time = typeof value === 'string' ? Date.parse(value) : value
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw new EvidenceError(`${column} is no time in ${JSON.stringify(row)}`)
}

/** A column that holds JSON, which may have come as its text. */
export function json(row: Row, column: string): unknown {
  const value = row[column]
  return typeof value === 'string' ? JSON.parse(value) : value
}

/** The order that a row of the outbox is about. */
export function orderOfDuty(row: Row): string {
  return text(json(row, 'payload') as Row, 'order')
}
