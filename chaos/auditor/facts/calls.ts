/** What was asked, joined with what it was answered. */
import type { Entry, Fail, Invoke, Ok, Operation, Ordered, Unknown } from '../../history/entry.ts'
import { EvidenceError } from './columns.ts'

/** One of `ok`, `fail` and `lost` at the most; none: the run ended before the answer. */
export type Call<Name extends Operation = Operation> = {
  [Each in Name]: {
    readonly op: Each
    readonly invoke: Invoke<Each>
    ok: Ok<Each> | null
    fail: Fail | null
    lost: Unknown | null
  }
}[Name]

/** In the order in which they were asked. */
export function callsOf(history: readonly Entry[]): Call[] {
  const calls: Call[] = []
  const bySeq = new Map<number, Call>()
  for (const entry of history) {
    if (entry.type === 'invoke') {
      const call = { op: entry.op, invoke: entry, ok: null, fail: null, lost: null } as Call
      calls.push(call)
      bySeq.set(entry.seq, call)
      continue
    }
    const call = bySeq.get(entry.of)
    if (call === undefined || call.op !== entry.op) {
      throw new EvidenceError(`line ${entry.seq} of the history answers nothing that was asked`)
    }
    bySeq.delete(entry.of)
    if (entry.type === 'ok') call.ok = entry as never
    else if (entry.type === 'fail') call.fail = entry
    else call.lost = entry
  }
  return calls
}

/** When the caller knew; never, if it did not come to that. */
export function endOf(call: Call): number {
  return call.ok?.at ?? call.fail?.at ?? call.lost?.at ?? Number.POSITIVE_INFINITY
}

/**
 * Codes of a `fail` that do not say what became of the wish: a client should have called them
 * unknown. Here they prove nothing in either direction.
 */
const uncertainCodes: ReadonlySet<string> = new Set([
  'OUTCOME_UNKNOWN',
  'PAYMENT_UNAVAILABLE',
  'UNAVAILABLE',
])

/** It may have been done, as far as the caller knows. */
export function mayBeDone(call: Call): boolean {
  return call.fail === null || uncertainCodes.has(call.fail.code)
}

/** It was not done, and doing it again would not help. */
export function isRefusedForGood({ fail }: Call): boolean {
  return fail !== null && !fail.transient && !uncertainCodes.has(fail.code)
}

/** The orders that an answer shows. */
export function ordersShown(call: Call): readonly Ordered[] {
  if (call.ok === null) return none
  switch (call.op) {
    case 'checkout.start':
    case 'checkout.confirm':
    case 'checkout.status':
    case 'order.get':
    case 'order.by-key':
      return [call.ok.result]
    case 'order.list':
      return call.ok.result.orders
    default:
      return none
  }
}

const none: readonly Ordered[] = []

/** The same wish has the same text, whatever the order in which a client lists its parts. */
export function wishText({ args }: Invoke<'hold.place'>): string {
  const { wish } = args
  return wish.kind === 'units'
    ? `units ${[...wish.units].sort((one, other) => one - other).join()}`
    : `${wish.kind} ${wish.count} ${[...(wish.sections ?? [])].sort().join('|')}`
}

export function sameNumbers(some: readonly number[], others: readonly number[]): boolean {
  if (some.length !== others.length) return false
  const left = [...some].sort((one, other) => one - other)
  const right = [...others].sort((one, other) => one - other)
  return left.every((number, place) => number === right[place])
}
