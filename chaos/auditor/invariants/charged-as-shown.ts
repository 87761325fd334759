/** I26: a fan pays what was shown when the units were held, and the event may ask for. */
import { sameNumbers } from '../facts/calls.ts'
import { integer } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { type OrderRow, unitsOf } from '../facts/orders.ts'
import type { Judge } from '../judge.ts'
import type { About } from '../story.ts'
import type { Invariant } from './invariant.ts'

export const chargedAsShown: Invariant = {
  id: 'I26',
  title: 'An order costs what its hold was answered with, by the prices of its event',
  check: (facts, judge) => {
    const prices = pricesByEvent(facts)
    for (const order of facts.orders.values()) {
      const about = { orders: [order.id], event: order.event, rows: [order] }
      checkLines(judge, order, { about, prices: prices.get(order.event) })
      checkHold(facts, judge, order)
      checkCharges(facts, judge, { order, about })
    }
  },
}

type Prices = readonly (ReadonlySet<number> | undefined)[]

/** What each unit may cost. */
function pricesByEvent({ events }: Facts): Map<string, Prices> {
  const found = new Map<string, Prices>()
  for (const { id, prices } of events.values()) {
    const units: (ReadonlySet<number> | undefined)[] = []
    for (const { firstUnit, units: count, amounts } of prices) {
      const allowed = new Set(amounts)
      for (let unit = firstUnit; unit < firstUnit + count; unit += 1) units[unit] = allowed
    }
    found.set(id, units)
  }
  return found
}

type Priced = { readonly about: About; readonly prices: Prices | undefined }

function checkLines(judge: Judge, order: OrderRow, { about, prices }: Priced): void {
  const { id, lines, total, unitCount } = order
  const sum = lines.reduce((all, { amount }) => all + amount, 0)
  judge.holds(sum === total && lines.length === unitCount, () => [
    `${id} has ${lines.length} lines of ${sum}, and says ${unitCount} of ${total}`,
    about,
  ])
  if (prices === undefined) return
  for (const { unit, amount } of lines) {
    judge.holds(prices[unit]?.has(amount) === true, () => [
      `unit ${unit} of ${id} costs ${amount}, and may cost ${[...(prices[unit] ?? [])].join() || 'nothing that is known'}`,
      about,
    ])
  }
}

/**
 * A key may have been answered anew after its hold was lost: the order is of one of these answers.
 */
function checkHold({ holds }: Facts, judge: Judge, order: OrderRow): void {
  const places = holds.get(order.id)?.places ?? []
  if (places.length === 0) return
  const units = unitsOf(order)
  const isTold = places.some(({ ok }) => {
    if (ok === null) return false
    const { result } = ok
    const costs = result.total === order.total && result.currency === order.currency
    return costs && sameNumbers(result.units, units)
  })
  judge.holds(isTold, () => [
    `${order.id} is for the units ${units.join()} at ${order.total} ${order.currency}, and its hold was answered otherwise`,
    { orders: [order.id], seqs: places.map(({ invoke }) => invoke.seq), rows: [order] },
  ])
}

type Charged = { readonly order: OrderRow; readonly about: About }

/** What was prepared for it at the provider asks for exactly its total. */
function checkCharges(facts: Facts, judge: Judge, { order, about }: Charged): void {
  for (const line of facts.ledger.get(order.id) ?? []) {
    const isSame =
      line.amount === order.total && line.currency.toUpperCase() === order.currency.toUpperCase()
    judge.holds(isSame || (line.authorized === 0 && line.captured === 0), () => [
      `${line.intent} asks for ${line.amount} ${line.currency} for ${order.id}, which costs ${order.total} ${order.currency}`,
      { ...about, rows: [order, line] },
    ])
  }
  const payment = facts.payments.get(order.id)
  if (payment === undefined) return
  judge.holds(integer(payment, 'amount') === order.total, () => [
    `the payment of ${order.id} is ${integer(payment, 'amount')}, and it costs ${order.total}`,
    { ...about, rows: [order, payment] },
  ])
}
