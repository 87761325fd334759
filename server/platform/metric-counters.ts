/**
 * Counters that use-cases and doors add to by name. The list is closed, and so are the labels of
 * each: a label's value is one of a small set (a code, an outcome, a kind), never an id or a text.
 */
import type { Meter } from '@opentelemetry/api'

const list = {
  'frontrow.refusals': { labels: ['code'], says: 'Calls that ended in a refusal' },
  'frontrow.rate_limited': { labels: ['by'], says: 'Calls turned away for being too many' },
  'frontrow.accounts.sign_ins': { labels: ['outcome'], says: 'Attempts to sign in' },
  'frontrow.refresh.reuse': { labels: [], says: 'Refresh tokens shown twice: one was stolen' },
  'frontrow.mail.letters': { labels: ['template', 'outcome'], says: 'Letters sent or lost' },
  'frontrow.audit.entries': { labels: ['outcome'], says: 'Entries of the audit chain' },
  'frontrow.audit.witnessed': {
    labels: ['outcome'],
    says: 'Looks at audit chains of other regions that found something new, or a fault',
  },
  'frontrow.authority.changes': {
    labels: ['how'],
    says: 'Changes of authority over home regions that this server made',
  },
  'frontrow.forwarded': {
    labels: ['region', 'outcome'],
    says: 'Calls sent on to the authority of their event, by the region that was asked',
  },
  'frontrow.db.stale_reads': {
    labels: ['use', 'answer'],
    says: 'Reads that may be old, and whether the copy answered or the database',
  },
  'frontrow.holds.rebuilt': { labels: ['fate'], says: 'Copied holds that went on, or could not' },
  'frontrow.follow.snapshots': { labels: ['why'], says: 'Whole copies taken of a home region' },
  'frontrow.log.lost_lines': { labels: [], says: 'Lines that the log did not take' },
  'frontrow.orders.stuck': { labels: ['reason'], says: 'Duties whose money is not as it must be' },
} as const satisfies Record<string, { readonly labels: readonly string[]; readonly says: string }>

export type CounterName = keyof typeof list

export type LabelsOf<Name extends CounterName> = Readonly<
  Record<(typeof list)[Name]['labels'][number], string>
>

/**
 * Series that are there from the start: an alert on a growth does not see a series begin at one.
 */
const beginAtZero: { readonly [Name in CounterName]?: readonly LabelsOf<Name>[] } = {
  'frontrow.authority.changes': [{ how: 'taken over' }, { how: 'handed over' }],
  'frontrow.orders.stuck': [{ reason: 'money not let go' }, { reason: 'sold without money' }],
  'frontrow.refresh.reuse': [{}],
  'frontrow.log.lost_lines': [{}],
  'frontrow.holds.rebuilt': [{ fate: 'kept' }, { fate: 'dropped' }],
  'frontrow.follow.snapshots': [{ why: 'first' }, { why: 'reset' }, { why: 'gap' }],
  'frontrow.audit.entries': [{ outcome: 'lost' }],
  'frontrow.audit.witnessed': [{ outcome: 'broken' }],
  'frontrow.rate_limited': [{ by: 'caller' }, { by: 'address' }, { by: 'organisation' }],
  'frontrow.accounts.sign_ins': [{ outcome: 'signed-in' }, { outcome: 'wrong' }],
  'frontrow.mail.letters': [
    { template: 'verify-email', outcome: 'sent' },
    { template: 'verify-email', outcome: 'lost' },
  ],
}

/** Adds one, unless told how many. */
export type Count = <Name extends CounterName>(
  name: Name,
  labels: LabelsOf<Name>,
  by?: number,
) => void

export function openCounters(meter: Meter): Count {
  const names = Object.keys(list) as CounterName[]
  const opened = new Map(
    names.map((name) => [name, meter.createCounter(name, { description: list[name].says })]),
  )
  for (const [name, series] of Object.entries(beginAtZero)) {
    for (const labels of series) opened.get(name as CounterName)?.add(0, labels)
  }
  return (name, labels, by = 1) => opened.get(name)?.add(by, labels)
}
