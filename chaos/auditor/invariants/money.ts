/** I6 and I7: money and tickets agree, once all is quiet. */
import type { LedgerLine } from '../../evidence/evidence.ts'
import { sameNumbers } from '../facts/calls.ts'
import { integer, text } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { type OrderRow, unitsOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const moneyAddsUp: Invariant = {
  id: 'I6',
  title: 'Of each paid order exactly its total was kept, and the totals of rows and provider agree',
  check: (facts, judge) => {
    if (!facts.isQuiet) return judge.notes(notes.notQuiet)
    const owed = new Map<string, number>()
    for (const order of facts.orders.values()) {
      const due = order.state === 'paid' && !facts.cancelled.has(order.event) ? order.total : 0
      const kept = sum(facts.ledger.get(order.id) ?? [], keptOf)
      const isEnded = facts.cancelled.has(order.event)
      owed.set(currencyOf(order), (owed.get(currencyOf(order)) ?? 0) + (isEnded ? kept : due))
      judge.holds(kept === due || isEnded, () => [
        `${kept} ${order.currency} were kept of ${order.id}, which is ${order.state} and costs ${order.total}`,
        { orders: [order.id], rows: facts.ledger.get(order.id) ?? [] },
      ])
      checkPayment(facts, judge, order)
    }
    checkTotals(facts, judge, owed)
    for (const line of facts.evidence.ledger) checkLine(judge, line)
  },
}

function keptOf({ captured, refunded }: LedgerLine): number {
  return captured - refunded
}

function sum(lines: readonly LedgerLine[], of: (line: LedgerLine) => number): number {
  return lines.reduce((all, line) => all + of(line), 0)
}

function currencyOf({ currency }: { readonly currency: string }): string {
  return currency.toUpperCase()
}

function checkPayment(facts: Facts, judge: Judge, order: OrderRow): void {
  if (order.total === 0) return
  const row = facts.payments.get(order.id)
  const wanted = order.state === 'paid' ? 'captured' : 'voided'
  const isAsItShould =
    row !== undefined &&
    row['state'] === wanted &&
    integer(row, 'amount') === order.total &&
    text(row, 'currency') === order.currency
  judge.holds(isAsItShould || order.state === 'pending', () => [
    `the payment of ${order.id} should be ${order.total} ${order.currency} ${wanted}`,
    { orders: [order.id], rows: [order, row ?? 'no payment'] },
  ])
}

function checkTotals(facts: Facts, judge: Judge, owed: ReadonlyMap<string, number>): void {
  const kept = new Map<string, number>()
  for (const line of facts.evidence.ledger) {
    kept.set(currencyOf(line), (kept.get(currencyOf(line)) ?? 0) + keptOf(line))
  }
  for (const currency of new Set([...owed.keys(), ...kept.keys()])) {
    const [due, got] = [owed.get(currency) ?? 0, kept.get(currency) ?? 0]
    judge.holds(due === got, () => [
      `orders are worth ${due} ${currency} and the provider kept ${got}`,
      {},
    ])
  }
}

const amounts = ['amount', 'authorized', 'captured', 'voided', 'refunded'] as const

/** A provider's line adds up in itself. */
function checkLine(judge: Judge, line: LedgerLine): void {
  const isWhole = amounts.every((name) => Number.isSafeInteger(line[name]) && line[name] >= 0)
  const { authorized, captured, voided, refunded } = line
  judge.holds(isWhole && captured + voided <= authorized && refunded <= captured, () => [
    `${line.intent} does not add up`,
    { orders: line.order === null ? [] : [line.order], rows: [line] },
  ])
}

export const allSettled: Invariant = {
  id: 'I7',
  title:
    'At the end no order is open, and each charge is a paid order with its tickets or was given back',
  check: (facts, judge) => {
    if (!facts.isQuiet) return judge.notes(notes.notQuiet)
    for (const order of facts.orders.values()) checkOrder(facts, judge, order)
    for (const line of facts.evidence.ledger) {
      if (line.authorized > 0) checkCharge(facts, judge, line)
    }
  },
}

function checkOrder(facts: Facts, judge: Judge, order: OrderRow): void {
  const { id, state } = order
  judge.holds(state !== 'pending', () => [
    `${id} is still pending`,
    { orders: [id], rows: [order] },
  ])
  if (facts.cancelled.has(order.event)) return
  const valid = (facts.tickets.get(id) ?? []).filter((ticket) => ticket['state'] === 'valid')
  const units = valid.map((ticket) => integer(ticket, 'unit'))
  const wanted = state === 'paid' ? unitsOf(order) : []
  judge.holds(sameNumbers(units, wanted), () => [
    `${id} is ${state} and has valid tickets for ${units.join() || 'nothing'} where its units are ${unitsOf(order).join()}`,
    { orders: [id], rows: [order, ...valid] },
  ])
  if (state !== 'paid' || order.total === 0) return
  judge.holds(
    (facts.ledger.get(id) ?? []).some(({ captured }) => captured > 0),
    () => [`${id} is paid, and the provider has no charge of it`, { orders: [id], rows: [order] }],
  )
}

function checkCharge(facts: Facts, judge: Judge, line: LedgerLine): void {
  const { intent, authorized, captured, voided, refunded } = line
  const order = line.order === null ? undefined : facts.orders.get(line.order)
  const orders = line.order === null ? [] : [line.order]
  const held = authorized - captured - voided
  judge.holds(held === 0, () => [
    `${held} of ${intent} is neither taken nor given back`,
    { orders, rows: [line, order ?? 'no order'] },
  ])
  const isPaid = order !== undefined && order.state === 'paid'
  judge.holds(isPaid || captured === refunded, () => [
    `${intent} took ${captured - refunded} for ${order === undefined ? 'no order' : `an order that is ${order.state}`}`,
    { orders, rows: [line, order ?? 'no order'] },
  ])
}
