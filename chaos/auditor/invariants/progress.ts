/** I24: once all is healed, sales go on; and whoever did not hear an answer can learn it. */
import type { Call } from '../facts/calls.ts'
import type { Facts } from '../facts/facts.ts'
import type { Judge } from '../judge.ts'
import type { Invariant } from './invariant.ts'

/** After a healing, unless the drill gave more time. */
export const firstSaleSecondsMax = 10

export const progress: Invariant = {
  id: 'I24',
  title: `After healing every home region sells within ${firstSaleSecondsMax} s, and no outcome stays unknown`,
  check: (facts, judge) => {
    checkFirstSales(facts, judge)
    const { run } = facts.evidence
    judge.holds(run.quietAt !== null, () => [
      'the duties were not all done within the time given',
      {},
    ])
    checkUnknowns(facts, judge)
  },
}

function checkFirstSales({ evidence }: Facts, judge: Judge): void {
  for (const { what, said, firstSaleSeconds, withinSeconds } of evidence.faults) {
    if (what !== 'progress') continue
    const most = withinSeconds ?? firstSaleSecondsMax
    for (const [home, seconds] of Object.entries(firstSaleSeconds ?? {})) {
      judge.holds(seconds !== null && seconds <= most, () => [
        `${said}: the first sale of ${home} came ${seconds === null ? 'never' : `after ${seconds.toFixed(1)} s`}`,
        { home },
      ])
    }
  }
}

/** Nothing that a lost answer left behind is open: an order is there and has ended, or is not there. */
function checkUnknowns({ calls, orders, isQuiet }: Facts, judge: Judge): void {
  const asked = asksOf(calls)
  for (const call of calls) {
    if (call.lost === null) continue
    const subject = subjectOf(call)
    if (subject === null) continue
    judge.counts('unknownWrites')
    const row = subject.order === null ? undefined : orders.get(subject.order)
    const isAsked = subject.names.some((name) => (asked.get(name) ?? 0) > call.invoke.seq)
    if (isAsked) judge.counts('unknownsAskedAfter')
    else if (row !== undefined && row.state !== 'pending') judge.counts('unknownsSettledInRows')
    else judge.counts('unknownsNobodyAskedAfter')
    judge.holds(row === undefined || row.state !== 'pending' || !isQuiet, () => [
      `what became of ${call.op} is still open: ${row?.id ?? ''} is pending`,
      { orders: subject.order === null ? [] : [subject.order], seqs: [call.invoke.seq] },
    ])
  }
}

type Subject = {
  readonly order: string | null
  /** Under which it may have been asked for later. */
  readonly names: readonly string[]
}

function subjectOf(call: Call): Subject | null {
  const { actor } = call.invoke
  switch (call.op) {
    case 'hold.place': {
      const { event, key } = call.invoke.args
      return { order: null, names: [`${actor} ${event} ${key}`] }
    }
    case 'hold.extend':
    case 'hold.release':
    case 'hold.reclaim':
    case 'checkout.start': {
      const { hold } = call.invoke.args
      return { order: call.op === 'checkout.start' ? hold : null, names: [hold] }
    }
    case 'checkout.confirm': {
      const { order } = call.invoke.args
      return { order, names: [order] }
    }
    default:
      return null
  }
}

/** By what it asked after: the last answered question, by its place in the history. */
function asksOf(calls: readonly Call[]): Map<string, number> {
  const asked = new Map<string, number>()
  for (const call of calls) {
    if (call.ok === null && call.fail === null) continue
    const { args, actor, seq } = call.invoke
    if ('order' in args) asked.set(args.order, seq)
    if ('hold' in args) asked.set(args.hold, seq)
    if ('key' in args && 'event' in args) asked.set(`${actor} ${args.event} ${args.key}`, seq)
    if (call.op === 'order.list' && call.ok !== null) {
      for (const { order } of call.ok.result.orders) asked.set(order, seq)
    }
    if (call.op === 'order.by-key' && call.ok !== null) asked.set(call.ok.result.order, seq)
  }
  return asked
}
