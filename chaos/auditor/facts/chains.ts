/** The versions of each row, in the order in which the database made them. */
import type { Row, VersionRecord } from '../../evidence/evidence.ts'
import { EvidenceError, integer, orderOfDuty, text } from './columns.ts'

export type Chain = readonly VersionRecord[]

export type Chains = {
  /** All of them, by `seq`. */
  readonly all: readonly VersionRecord[]
  /** By event, then at the place of the unit; a unit that never changed has none. */
  readonly claims: ReadonlyMap<string, readonly (Chain | undefined)[]>
  readonly orders: ReadonlyMap<string, Chain>
  /** By order. */
  readonly payments: ReadonlyMap<string, Chain>
  /** By event, then at the place of the unit: tickets of all orders that had it. */
  readonly tickets: ReadonlyMap<string, readonly (Chain | undefined)[]>
  /** By the row's id. */
  readonly outbox: ReadonlyMap<string, Chain>
  /** By home region. */
  readonly authority: ReadonlyMap<string, Chain>
}

export function chainsOf(versions: readonly VersionRecord[]): Chains {
  const all = isSorted(versions) ? versions : [...versions].sort((one, two) => one.seq - two.seq)
  const claims = new Map<string, VersionRecord[][]>()
  const tickets = new Map<string, VersionRecord[][]>()
  const orders = new Map<string, VersionRecord[]>()
  const payments = new Map<string, VersionRecord[]>()
  const outbox = new Map<string, VersionRecord[]>()
  const authority = new Map<string, VersionRecord[]>()
  for (const record of all) {
    const row = rowOf(record)
    if (record.table === 'claims') addAtUnit(claims, row, record)
    else if (record.table === 'tickets') addAtUnit(tickets, row, record)
    else if (record.table === 'orders') add(orders, text(row, 'id'), record)
    else if (record.table === 'payments') add(payments, text(row, 'order_id'), record)
    else if (record.table === 'outbox') add(outbox, text(row, 'id'), record)
    else add(authority, text(row, 'region'), record)
  }
  return { all, claims, tickets, orders, payments, outbox, authority }
}

function isSorted(versions: readonly VersionRecord[]): boolean {
  let last = Number.NEGATIVE_INFINITY
  for (const { seq } of versions) {
    if (seq < last) return false
    last = seq
  }
  return true
}

/** The row as it was left, or as it was when it was taken away. */
export function rowOf({ after, before, seq }: VersionRecord): Row {
  const row = after ?? before
  if (row === null) throw new EvidenceError(`version ${seq} is of no row`)
  return row
}

/** What names the row in its table, for people. */
export function nameOfRow(record: VersionRecord): string {
  const row = rowOf(record)
  switch (record.table) {
    case 'claims':
      return `unit ${integer(row, 'unit')} of ${text(row, 'event_id')}`
    case 'tickets':
      return `ticket ${integer(row, 'unit')} of ${text(row, 'order_id')}`
    case 'payments':
      return `payment of ${text(row, 'order_id')}`
    case 'outbox':
      return `${text(row, 'kind')} of ${orderOfDuty(row)}`
    case 'orders':
      return text(row, 'id')
    case 'authority':
      return `authority over ${text(row, 'region')}`
    default:
      return record.table satisfies never
  }
}

function addAtUnit(into: Map<string, VersionRecord[][]>, row: Row, record: VersionRecord): void {
  const event = text(row, 'event_id')
  const unit = integer(row, 'unit')
  const units = into.get(event) ?? []
  if (units.length === 0) into.set(event, units)
  const chain = units[unit]
  if (chain === undefined) units[unit] = [record]
  else chain.push(record)
}

function add(into: Map<string, VersionRecord[]>, key: string, record: VersionRecord): void {
  const chain = into.get(key)
  if (chain === undefined) into.set(key, [record])
  else chain.push(record)
}
