/** I8: rows go forward only, one version at a time, by the steps that the sale knows. */
import type { DumpedTable, Row, VersionRecord } from '../../evidence/evidence.ts'
import { type Chain, type Chains, nameOfRow, rowOf } from '../facts/chains.ts'
import { integer, text, textOrNull, timeOrNull } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { stateOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { About } from '../story.ts'
import type { Invariant } from './invariant.ts'

export const allowedSteps: Invariant = {
  id: 'I8',
  title: 'Rows take allowed steps only, without a gap in their versions, and never leave their end',
  check: (facts, judge) => {
    if (!facts.hasVersions) return judge.notes(notes.needsVersions)
    for (const chain of chainsIn(facts.chains)) checkChain(facts, judge, chain)
    if (facts.isQuiet) checkLast(facts, judge)
  },
}

function* chainsIn(chains: Chains): Generator<Chain> {
  for (const tables of [chains.claims, chains.tickets]) {
    for (const units of tables.values()) {
      for (const chain of units) if (chain !== undefined) yield* byRow(chain)
    }
  }
  for (const table of [chains.orders, chains.payments, chains.outbox]) yield* table.values()
}

/** Tickets of a unit are of several orders, each a row of its own. */
function byRow(chain: Chain): readonly Chain[] {
  if (chain[0]?.table !== 'tickets' || chain.length === 1) return [chain]
  const rows = new Map<string, VersionRecord[]>()
  for (const record of chain) {
    const order = text(rowOf(record), 'order_id')
    rows.set(order, [...(rows.get(order) ?? []), record])
  }
  return [...rows.values()]
}

function checkChain(facts: Facts, judge: Judge, chain: Chain): void {
  let last: VersionRecord | null = null
  for (const record of chain) {
    judge.checks()
    const fault = faultOf(facts, last, record)
    if (fault !== null) judge.breaks(`${nameOfRow(record)} ${fault}`, aboutOf(record))
    last = record
  }
}

function aboutOf(record: VersionRecord): About {
  const row = rowOf(record)
  const order = record.table === 'orders' ? text(row, 'id') : textOrNull(row, 'order_id')
  const before = record.before === null ? null : textOrNull(record.before, 'order_id')
  const orders = [order, before].filter((id) => id !== null)
  if (record.table !== 'claims') return { orders, versions: [record.seq] }
  return { orders, event: text(row, 'event_id'), units: [integer(row, 'unit')] }
}

function faultOf(facts: Facts, last: VersionRecord | null, record: VersionRecord): string | null {
  const { table, before, after, writer } = record
  if (after === null) return 'was deleted; rows of a sale never are'
  if (last !== null && !isSame(table, last.after, before)) {
    return `was changed from ${say(before)}, and the change before had left ${say(last.after)}`
  }
  if (writer === 'drill') return drillFault(table, before, after)
  if (before === null) return beginningFault(table, after)
  if (table !== 'outbox' && table !== 'tickets') {
    const step = integer(after, 'version') - integer(before, 'version')
    if (step !== 1) return `went from version ${say(before)} to ${say(after)}`
  }
  return stepFault(facts, record)
}

function say(row: Row | null): string {
  if (row === null) return 'nothing'
  const version = row['version'] === undefined ? '' : ` at version ${integer(row, 'version')}`
  return `${stateOf(row) || 'a row'}${version}`
}

/** What of a row must be the same from one change to the next; times may be written in two ways. */
const identity: Readonly<Record<DumpedTable, readonly string[]>> = {
  claims: ['state', 'order_id', 'version'],
  orders: ['state', 'version', 'total', 'currency', 'units', 'buyer', 'event_id'],
  payments: ['state', 'version', 'amount', 'currency', 'intent_id'],
  tickets: ['state', 'code_epoch'],
  outbox: ['kind', 'tries'],
  authority: ['epoch', 'server_region'],
  events: [],
  event_sales: [],
}

function isSame(table: DumpedTable, one: Row | null, other: Row | null): boolean {
  if (one === null || other === null) return one === other
  return identity[table].every((column) => (one[column] ?? null) === (other[column] ?? null))
}

/** The drill's own hand makes time pass, and does nothing else. */
function drillFault(table: DumpedTable, before: Row | null, after: Row): string | null {
  const kept = identity[table].filter((column) => column !== 'version')
  const isKept = before !== null && kept.every((column) => before[column] === after[column])
  return isKept ? null : "was changed by the drill's own hand in more than its time"
}

const beginnings: Partial<Record<DumpedTable, readonly string[]>> = {
  claims: ['free', 'blocked'],
  orders: ['pending'],
  payments: ['pending'],
  tickets: ['valid'],
}

function beginningFault(table: DumpedTable, after: Row): string | null {
  const allowed = beginnings[table]
  if (allowed !== undefined && !allowed.includes(stateOf(after))) return `began as ${say(after)}`
  const wanted = table === 'claims' ? 0 : 1
  const version = after['version']
  return version === undefined || integer(after, 'version') === wanted
    ? null
    : `began at version ${integer(after, 'version')}`
}

const steps: Partial<Record<DumpedTable, ReadonlySet<string>>> = {
  orders: new Set(['pending paid', 'pending void']),
  payments: new Set(['pending authorized', 'authorized captured', 'pending voided']),
  tickets: new Set(['valid void', 'valid valid']),
}

function stepFault(facts: Facts, record: VersionRecord): string | null {
  const { table, before, after } = record
  if (before === null || after === null) return null
  if (table === 'claims') {
    return claimFault(record, before, after) ?? companionFault(facts, record)
  }
  if (table === 'outbox') {
    return timeOrNull(before, 'done_at') !== null && timeOrNull(after, 'done_at') === null
      ? 'was done, and is not any more'
      : null
  }
  const [from, to] = [stateOf(before), stateOf(after)]
  if (steps[table]?.has(`${from} ${to}`) === false) {
    // What refunds a cancelled event will bring is no fault of the sale.
    const event = textOrNull(after, 'event_id') ?? ''
    const isEnded = table === 'orders' && from === 'paid' && facts.cancelled.has(event)
    if (!isEnded) return `went from ${from} to ${to}`
  }
  const changed = fixed[table]?.find((column) => !isEqual(before[column], after[column]))
  return changed === undefined ? null : `changed its ${changed}, which is fixed`
}

const fixed: Partial<Record<DumpedTable, readonly string[]>> = {
  orders: ['event_id', 'buyer', 'units', 'lines', 'currency', 'total', 'digest'],
  payments: ['amount', 'currency', 'intent_id'],
  tickets: ['event_id'],
}

function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null) return one === other
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

const claimSteps: ReadonlySet<string> = new Set([
  'free held',
  'free reserved',
  'free sold',
  'held held',
  'held reserved',
  'held sold',
  'held free',
  'reserved reserved',
  'reserved held',
  'reserved sold',
  'reserved free',
])

/** A claim goes from one order to another only when it is free, or its time has run out. */
function claimFault({ at }: VersionRecord, before: Row, after: Row): string | null {
  const [from, to] = [stateOf(before), stateOf(after)]
  if (!claimSteps.has(`${from} ${to}`)) return `went from ${from} to ${to}`
  const owner = textOrNull(before, 'order_id')
  const next = textOrNull(after, 'order_id')
  if (owner === null || next === null || owner === next) {
    const again = `${from} ${to}` === 'reserved reserved' || `${from} ${to}` === 'reserved held'
    return again && owner === next && isLiving(before, at) ? `was reserved, and ${to} again` : null
  }
  if (!isLiving(before, at)) return null
  return `was ${from} by ${owner} for longer, and was ${to} by ${next}`
}

/** A claim is reserved, sold and given back together with its order, in one transaction. */
const companions: Readonly<Record<string, string>> = {
  reserved: 'pending',
  sold: 'paid',
  free: 'void',
}

function companionFault({ chains }: Facts, record: VersionRecord): string | null {
  const { before, after, transaction } = record
  if (before === null || after === null || stateOf(after) === 'held') return null
  if (stateOf(after) === 'free' && stateOf(before) !== 'reserved') return null
  const order = textOrNull(after, 'order_id') ?? textOrNull(before, 'order_id') ?? ''
  const wanted = companions[stateOf(after)]
  const chain = chains.orders.get(order) ?? []
  const isTogether = chain.some((change) => {
    return change.transaction === transaction && stateOf(change.after) === wanted
  })
  return isTogether
    ? null
    : `became ${stateOf(after)}, and ${order} did not become ${wanted} in that transaction`
}

/** Longer than the moment of the change: a transaction's own time is no later than that. */
function isLiving(row: Row, at: number): boolean {
  return (timeOrNull(row, 'expires_at') ?? 0) > at + 1
}

/** What the changes led to is what is there. */
function checkLast({ chains, evidence }: Facts, judge: Judge): void {
  const ends: Readonly<Record<string, (row: Row) => Chain | undefined>> = {
    orders: (row) => chains.orders.get(text(row, 'id')),
    payments: (row) => chains.payments.get(text(row, 'order_id')),
    claims: (row) => chains.claims.get(text(row, 'event_id'))?.[integer(row, 'unit')],
  }
  for (const table of ['orders', 'payments', 'claims'] as const) {
    for (const row of evidence.rows[table]) {
      const last = ends[table]?.(row)?.at(-1)
      if (last === undefined) continue
      judge.holds(isSame(table, last.after, row), () => [
        `${nameOfRow(last)} is ${say(row)}, and its last change left it ${say(last.after)}`,
        { ...aboutOf(last), rows: [row] },
      ])
    }
  }
}
