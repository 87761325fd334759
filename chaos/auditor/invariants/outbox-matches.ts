/** I15: every change of an order leaves its duty in the same transaction, and each is done once. */
import type { Row, VersionRecord } from '../../evidence/evidence.ts'
import { integer, orderOfDuty, text, timeOrNull } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { stateOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const outboxMatches: Invariant = {
  id: 'I15',
  title: 'Changes of orders and duties of the outbox are one to one, and each took effect once',
  check: (facts, judge) => {
    if (facts.hasVersions) checkChanges(facts, judge)
    else judge.notes(notes.noVersions)
    checkRows(facts, judge)
    if (facts.isQuiet) checkDone(facts, judge)
    else judge.notes(notes.notQuiet)
  },
}

const kindOf: Readonly<Record<string, string>> = {
  pending: 'order.started',
  paid: 'order.paid',
  void: 'order.voided',
}

/** As the kind of the duty, the order, and the transaction. */
function checkChanges({ chains }: Facts, judge: Judge): void {
  const changes = new Map<string, VersionRecord>()
  for (const record of chains.all) {
    const { table, before, after, transaction } = record
    if (table !== 'orders' || after === null) continue
    const state = stateOf(after)
    if (before !== null && stateOf(before) === state) continue
    changes.set(`${kindOf[state] ?? state} ${text(after, 'id')} ${transaction}`, record)
  }
  const told = new Set<string>()
  for (const { table, before, after, transaction, seq } of chains.all) {
    if (table !== 'outbox' || before !== null || after === null) continue
    const order = orderOfDuty(after)
    const key = `${text(after, 'kind')} ${order} ${transaction}`
    judge.holds(changes.has(key) && !told.has(key), () => [
      `the outbox says ${text(after, 'kind')} of ${order}, and its transaction made no such change of it, or said so twice`,
      { orders: [order], versions: [seq] },
    ])
    told.add(key)
  }
  for (const [key, { after, seq }] of changes) {
    judge.holds(told.has(key), () => [
      `${text(after ?? {}, 'id')} became ${stateOf(after)}, and no duty was left in that transaction`,
      { orders: [text(after ?? {}, 'id')], versions: [seq] },
    ])
  }
}

/** By the rows alone: one started, and one of how it ended. */
function checkRows({ evidence, orders, isQuiet }: Facts, judge: Judge): void {
  const rows = new Map<string, Row>()
  for (const row of evidence.rows.outbox) {
    const key = `${text(row, 'kind')} ${orderOfDuty(row)}`
    judge.holds(!rows.has(key), () => [
      `the outbox has two rows of ${key}`,
      { orders: [orderOfDuty(row)], rows: [rows.get(key), row] },
    ])
    rows.set(key, row)
  }
  if (!isQuiet) return
  for (const { id, state } of orders.values()) {
    for (const [other, kind] of Object.entries(kindOf)) {
      const isOwed = other === 'pending' || other === state
      judge.holds(rows.has(`${kind} ${id}`) === isOwed, () => [
        `${id} is ${state}, and the outbox ${isOwed ? 'has no' : 'has an'} ${kind} of it`,
        { orders: [id] },
      ])
    }
  }
}

/**
 * A reminder of an order that has ended waits for its time, ten minutes after the start: there is
 * nothing in it to do. Everything else is done.
 */
function checkDone({ evidence, orders, ledger }: Facts, judge: Judge): void {
  for (const row of evidence.rows.outbox) {
    const order = orderOfDuty(row)
    const isDone = timeOrNull(row, 'done_at') !== null
    const state = orders.get(order)?.state
    const isReminder = text(row, 'kind') === 'order.started' && state !== 'pending'
    judge.holds(isDone || isReminder, () => [
      `${text(row, 'kind')} of ${order} is still to be done after ${integer(row, 'tries')} tries`,
      { orders: [order], rows: [row] },
    ])
  }
  for (const { id, state, total } of orders.values()) {
    if (state !== 'paid' || total === 0) continue
    const captures = (ledger.get(id) ?? []).filter(({ captured }) => captured > 0)
    judge.holds(captures.length === 1, () => [
      `${id} is paid and was captured ${captures.length} times`,
      { orders: [id], rows: captures },
    ])
  }
}
