/**
 * The smallest story around a violation: what was asked and answered, what the database did and
 * which faults stood then, in the order of time and in words that a person can read.
 */
import type { FaultRecord, Row, ShownAvailability, VersionRecord } from '../evidence/evidence.ts'
import type { Entry } from '../history/entry.ts'
import { type Call, ordersShown } from './facts/calls.ts'
import { nameOfRow, rowOf } from './facts/chains.ts'
import { orderOfDuty } from './facts/columns.ts'
import type { Facts } from './facts/facts.ts'

/** What the story is about; a line belongs to it when one of these names it. */
export type About = {
  readonly orders?: readonly string[]
  readonly event?: string
  /** Of `event`. */
  readonly units?: readonly number[]
  /** All that this actor did, with `event` if one is named. */
  readonly actor?: string
  /** Changes of authority over this home region. */
  readonly home?: string
  /** Lines of the history by their `seq`. */
  readonly seqs?: readonly number[]
  /** Lines of versions by their `seq`. */
  readonly versions?: readonly number[]
  /** What a region showed in the end. */
  readonly shown?: ShownAvailability
  /** Said as they are: rows, lines of the ledger. */
  readonly rows?: readonly unknown[]
}

export const storyLinesMax = 30
/** Faults this long before the first and after the last line may have to do with it. */
const aroundMs = 30_000

type Moment = { readonly at: number; readonly said: string }

export function storyOf(facts: Facts, about: About): string[] {
  const { run, faults, versions } = facts.evidence
  const moments = [...callMoments(facts, about)]
  moments.push(...versionMoments(versions, about))
  if (about.shown !== undefined) moments.push(...shownMoments(about.shown))
  moments.sort((one, other) => one.at - other.at)
  const [first, last] = [moments[0]?.at, moments.at(-1)?.at]
  if (first !== undefined && last !== undefined) {
    for (const fault of faults) {
      if (fault.at < first - aroundMs || fault.at > last + aroundMs) continue
      moments.push({ at: fault.at, said: sayFault(fault) })
    }
  }
  moments.sort((one, other) => one.at - other.at)
  const lines = moments.map(({ at, said }) => `${sayTime(at - run.startedAt)}  ${said}`)
  return shortened([...lines, ...(about.rows ?? []).map((row) => `at the end: ${brief(row)}`)])
}

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= storyLinesMax) return [...lines]
  const head = Math.floor(storyLinesMax / 3)
  const tail = storyLinesMax - head - 1
  const left = lines.length - head - tail
  return [...lines.slice(0, head), `… ${left} more lines …`, ...lines.slice(-tail)]
}

function* callMoments({ calls }: Facts, about: About): Generator<Moment> {
  const seqs = new Set(about.seqs ?? [])
  const orders = new Set(about.orders ?? [])
  for (const call of calls) {
    const { invoke } = call
    const end = call.ok ?? call.fail ?? call.lost
    const isNamed = seqs.has(invoke.seq) || (end !== null && seqs.has(end.seq))
    if (!isNamed && !isOfCall(call, about, orders)) continue
    yield { at: invoke.at, said: sayEntry(invoke) }
    if (end !== null) yield { at: end.at, said: sayEntry(end) }
  }
}

function isOfCall(call: Call, about: About, orders: ReadonlySet<string>): boolean {
  const { args, actor } = call.invoke
  const event = 'event' in args ? args.event : null
  if (about.actor === actor && (about.event === undefined || about.event === event)) return true
  if ('hold' in args && orders.has(args.hold)) return true
  if ('order' in args && orders.has(args.order)) return true
  if (call.op === 'hold.place' && call.ok !== null) {
    if (orders.has(call.ok.result.hold)) return true
    return event === about.event && meets(call.ok.result.units, about.units)
  }
  return orders.size > 0 && ordersShown(call).some(({ order }) => orders.has(order))
}

function meets(some: readonly number[], wanted: readonly number[] | undefined): boolean {
  return wanted?.some((unit) => some.includes(unit)) === true
}

function isOfVersion(record: VersionRecord, about: About): boolean {
  if (about.versions?.includes(record.seq) === true) return true
  const row = rowOf(record)
  if (record.table === 'authority') return about.home !== undefined && row['region'] === about.home
  const { orders } = about
  if (record.table === 'outbox') return orders?.includes(orderOfDuty(row)) === true
  const order = record.table === 'orders' ? row['id'] : row['order_id']
  if (orders?.includes(String(order)) === true) return true
  if (record.table !== 'claims' && record.table !== 'tickets') return false
  return row['event_id'] === about.event && about.units?.includes(Number(row['unit'])) === true
}

function sayTime(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${sayAge(Math.abs(ms))}`
}

function sayEntry(entry: Entry): string {
  const who = `#${entry.seq} ${entry.process} (${entry.actor}, ${entry.region})`
  switch (entry.type) {
    case 'invoke':
      return `${who} asks ${entry.op} ${brief(entry.args)}`
    case 'ok':
      return `${who} is told of #${entry.of} ${entry.op} ${brief(entry.result)}${entry.isOlder === true ? ', said to be older' : ''}`
    case 'fail':
      return `${who} is refused #${entry.of} ${entry.op}: ${entry.code}`
    case 'unknown':
      return `${who} does not know what became of #${entry.of} ${entry.op}: ${entry.code}`
    default:
      return entry satisfies never
  }
}

/** What happened since the moment that is shown may be what the region has missed. */
function shownMoments({ at, asOf, region, event }: ShownAvailability): Moment[] {
  if (asOf === undefined) return [{ at, said: `${region} shows ${event}` }]
  return [
    { at: asOf, said: `what ${region} shows of ${event} in the end is of now` },
    { at, said: `${region} shows ${event} as it was ${sayAge(at - asOf)} before` },
  ]
}

function sayAge(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}

/** What one transaction did is one line: it happened at once. */
function versionMoments(versions: readonly VersionRecord[], about: About): Moment[] {
  const transactions = new Map<string, VersionRecord[]>()
  for (const version of versions) {
    if (!isOfVersion(version, about)) continue
    const some = transactions.get(version.transaction)
    if (some === undefined) transactions.set(version.transaction, [version])
    else some.push(version)
  }
  return [...transactions.values()].flatMap((records) => {
    const [first] = records
    return first === undefined ? [] : [{ at: first.at, said: sayTransaction(first, records) }]
  })
}

function sayTransaction(first: VersionRecord, records: readonly VersionRecord[]): string {
  const { writer, epoch, holder, transaction } = first
  const by = writer === '' ? 'nobody' : writer
  const changes = records.slice(0, changesMax).map((record) => {
    const { table, before, after, seq } = record
    return `${table} ${nameOfRow(record)}: ${sayRow(before)} -> ${sayRow(after)} (version line ${seq})`
  })
  if (records.length > changesMax) changes.push(`… ${records.length - changesMax} more`)
  const seen = `epoch ${epoch} of ${holder === '' ? 'nobody' : holder}`
  return `transaction ${transaction} by ${by} at ${seen}: ${changes.join('; ')}`
}

/** Rows of one transaction that are told. */
const changesMax = 6

const told = ['state', 'server_region', 'epoch', 'order_id', 'version', 'tries', 'done_at'] as const

function sayRow(row: Row | null): string {
  if (row === null) return 'nothing'
  const parts = told.filter((name) => row[name] !== undefined && row[name] !== null)
  return `[${parts.map((name) => `${name} ${String(row[name])}`).join(', ')}]`
}

function sayFault({ what, kind, where, said }: FaultRecord): string {
  return `${what} ${kind} ${where}: ${said}`
}

const briefMax = 240

function brief(value: unknown): string {
  const said = typeof value === 'string' ? value : JSON.stringify(value)
  return said.length <= briefMax ? said : `${said.slice(0, briefMax)}…`
}
