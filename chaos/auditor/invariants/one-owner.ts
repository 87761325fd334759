/** I1: whose a unit is, by the order of its own versions, and by the last rows. */
import type { Row, VersionRecord } from '../../evidence/evidence.ts'
import { integer, text, textOrNull } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { unitsOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const oneOwner: Invariant = {
  id: 'I1',
  title: 'A unit has one owner at a time, and at most one valid ticket',
  check: (facts, judge) => {
    if (facts.hasVersions) checkCustody(facts, judge)
    else judge.notes(notes.noVersions)
    checkTicketsAtEnd(facts, judge)
    checkOwnersAtEnd(facts, judge)
  },
}

/** Each issue is the sale of its unit to its order, and no ticket is issued beside a valid one. */
function checkCustody({ chains }: Facts, judge: Judge): void {
  for (const [event, units] of chains.tickets) {
    units.forEach((chain, unit) => {
      if (chain === undefined) return
      const sales = salesOf(chains.claims.get(event)?.[unit] ?? [])
      const valid = new Set<string>()
      for (const record of chain) {
        const order = orderOf(record)
        if (record.after?.['state'] !== 'valid') {
          valid.delete(order)
          continue
        }
        if (record.before !== null) continue
        const about = { event, units: [unit], orders: [order, ...valid] }
        judge.holds(valid.size === 0, () => [
          `unit ${unit} of ${event} was issued to ${order} while ${[...valid].join()} had a valid ticket for it`,
          about,
        ])
        judge.holds(sales.has(`${record.transaction} ${order}`), () => [
          `a ticket for unit ${unit} of ${event} was issued to ${order}, and the unit was not sold to it in that transaction`,
          about,
        ])
        valid.add(order)
      }
    })
  }
}

/** Each as the transaction that sold the unit, and the order it was sold to. */
function salesOf(chain: readonly VersionRecord[]): Set<string> {
  const sales = new Set<string>()
  for (const { transaction, after } of chain) {
    if (after?.['state'] === 'sold') sales.add(`${transaction} ${text(after, 'order_id')}`)
  }
  return sales
}

function orderOf({ after, before }: VersionRecord): string {
  return textOrNull(after ?? before ?? {}, 'order_id') ?? ''
}

function checkTicketsAtEnd({ evidence }: Facts, judge: Judge): void {
  const valid = new Map<string, Row>()
  for (const row of evidence.rows.tickets) {
    if (row['state'] !== 'valid') continue
    const [event, unit] = [text(row, 'event_id'), integer(row, 'unit')]
    const other = valid.get(`${event} ${unit}`)
    judge.holds(other === undefined, () => {
      const orders = [text(row, 'order_id'), text(other ?? {}, 'order_id')]
      const said = `unit ${unit} of ${event} has two valid tickets, of ${orders.join(' and ')}`
      return [said, { event, units: [unit], orders, rows: [other, row] }]
    })
    valid.set(`${event} ${unit}`, row)
  }
}

/** Sold means: exactly one paid order has it. One walk over units, one over orders. */
function checkOwnersAtEnd(facts: Facts, judge: Judge): void {
  const owners = new Map<string, string>()
  for (const order of facts.orders.values()) {
    if (order.state !== 'paid') continue
    for (const unit of unitsOf(order)) {
      const key = `${order.event} ${unit}`
      const other = owners.get(key)
      judge.holds(other === undefined, () => [
        `unit ${unit} of ${order.event} is of two paid orders, ${other} and ${order.id}`,
        { event: order.event, units: [unit], orders: [order.id, other ?? ''] },
      ])
      owners.set(key, order.id)
    }
  }
  if (!facts.isQuiet) return
  for (const row of facts.evidence.rows.claims) {
    const [event, unit] = [text(row, 'event_id'), integer(row, 'unit')]
    if (facts.cancelled.has(event)) continue
    const owner = owners.get(`${event} ${unit}`)
    const soldTo = row['state'] === 'sold' ? textOrNull(row, 'order_id') : undefined
    judge.holds(owner === (soldTo ?? undefined), () => [
      `unit ${unit} of ${event} is ${text(row, 'state')} (${soldTo ?? 'nobody'}), and the paid order that has it is ${owner ?? 'none'}`,
      { event, units: [unit], orders: [owner ?? '', soldTo ?? ''], rows: [row] },
    ])
  }
}
