/** I3: whatever a fan was told of an order is so, or a cancelled event explains why not. */
import type { Ordered } from '../../history/entry.ts'
import { type Call, ordersShown, sameNumbers } from '../facts/calls.ts'
import { integer } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { type OrderRow, unitsOf } from '../facts/orders.ts'
import type { Judge } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const keptWord: Invariant = {
  id: 'I3',
  title:
    'An acknowledged order is there, with the units, the amount and the tickets it was told with',
  check: (facts, judge) => {
    const lost = new Set<string>()
    for (const call of facts.calls) {
      for (const told of ordersShown(call)) checkTold(facts, judge, { call, told, lost })
      if (call.op === 'ticket.list') checkTickets(facts, judge, call)
    }
    judge.counts(lostAcknowledgements, lost.size)
  },
}

/** Among the counts: acknowledged orders that are not there, or are not paid any more. */
export const lostAcknowledgements = 'lostAcknowledgements'

type Told = { readonly call: Call; readonly told: Ordered; readonly lost: Set<string> }

function checkTold(facts: Facts, judge: Judge, { call, told, lost }: Told): void {
  judge.checks()
  const row = facts.orders.get(told.order)
  const fault = faultOf(facts, told, row)
  if (fault === null) return
  if (fault.isLost) lost.add(told.order)
  judge.breaks(`${told.order} was acknowledged as ${told.state} and ${fault.said}`, {
    orders: [told.order],
    event: told.event,
    seqs: [call.invoke.seq],
    rows: row === undefined ? [] : [row],
  })
}

type Fault = { readonly said: string; readonly isLost: boolean }

function faultOf(facts: Facts, told: Ordered, row: OrderRow | undefined): Fault | null {
  if (row === undefined) return { said: 'is not there', isLost: true }
  const other = (said: string): Fault => ({ said, isLost: false })
  if (row.event !== told.event) return other(`is of ${row.event}, not of ${told.event}`)
  if (!sameNumbers(unitsOf(row), told.units)) {
    return other(`has the units ${unitsOf(row).join()} where it was told ${told.units.join()}`)
  }
  if (row.total !== told.total || row.currency !== told.currency) {
    return other(`costs ${row.total} ${row.currency}, told was ${told.total} ${told.currency}`)
  }
  if (told.state === 'void' && row.state !== 'void') return other(`is ${row.state}`)
  if (told.version > row.version) return other(`is back at version ${row.version}`)
  if (told.state !== 'paid' || facts.cancelled.has(told.event)) return null
  if (row.state !== 'paid') return { said: `is ${row.state}`, isLost: true }
  return ticketFault(facts, row)
}

function ticketFault(facts: Facts, row: OrderRow): Fault | null {
  const tickets = facts.tickets.get(row.id) ?? []
  const valid = tickets.filter(({ state }) => state === 'valid').map((one) => integer(one, 'unit'))
  if (sameNumbers(valid, unitsOf(row))) return null
  return { said: `has valid tickets for the units ${valid.join() || 'none'} only`, isLost: true }
}

function checkTickets(facts: Facts, judge: Judge, call: Call<'ticket.list'>): void {
  if (call.ok === null) return
  const { order } = call.invoke.args
  const event = facts.orders.get(order)?.event ?? ''
  for (const told of call.ok.result.tickets) {
    if (told.state !== 'valid' || facts.cancelled.has(event)) continue
    const tickets = facts.tickets.get(order) ?? []
    const isThere = tickets.some((row) => {
      return integer(row, 'unit') === told.unit && row['state'] === 'valid'
    })
    judge.holds(isThere, () => [
      `a valid ticket for unit ${told.unit} was shown of ${order}, and there is none`,
      { orders: [order], seqs: [call.invoke.seq] },
    ])
  }
}
