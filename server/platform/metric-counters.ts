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
  'frontrow.orders.stuck': { labels: ['reason'], says: 'Duties whose money is not as it must be' },
} as const satisfies Record<string, { readonly labels: readonly string[]; readonly says: string }>

export type CounterName = keyof typeof list

export type LabelsOf<Name extends CounterName> = Readonly<
  Record<(typeof list)[Name]['labels'][number], string>
>

/** Adds one. */
export type Count = <Name extends CounterName>(name: Name, labels: LabelsOf<Name>) => void

export function openCounters(meter: Meter): Count {
  const names = Object.keys(list) as CounterName[]
  const opened = new Map(
    names.map((name) => [name, meter.createCounter(name, { description: list[name].says })]),
  )
  return (name, labels) => opened.get(name)?.add(1, labels)
}
