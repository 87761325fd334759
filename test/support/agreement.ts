/**
 * Whether seats, tickets and money agree once nothing is under way: read from the tables by plain
 * SQL and from the payment provider's own ledger, judged by rules that are written here a second
 * time. Shares no code with the server.
 */
import { Client } from 'pg'

/** An order that a client was told is paid. */
export type Acknowledged = { readonly order: string; readonly units: readonly number[] }

export type EndState = {
  readonly orders: readonly OrderFacts[]
  readonly claims: readonly ClaimFacts[]
  readonly tickets: readonly TicketFacts[]
  /** Ids of duties that are not done. */
  readonly owed: readonly string[]
  readonly ledger: readonly MoneyFacts[]
}

type OrderFacts = {
  readonly id: string
  readonly event: string
  readonly state: string
  readonly total: number
  readonly currency: string
  readonly lines: readonly {
    readonly unit: number
    readonly price: number
    readonly fee: number
  }[]
  readonly intent: string | null
  readonly payment: string | null
}

type ClaimFacts = {
  readonly event: string
  readonly unit: number
  readonly state: string
  readonly order: string | null
}

type TicketFacts = {
  readonly event: string
  readonly unit: number
  readonly state: string
  readonly order: string
}

/** As the provider's ledger has it, in minor units. */
type MoneyFacts = {
  readonly intent: string
  readonly status: string
  readonly currency: string
  readonly authorized: number
  readonly captured: number
  readonly voided: number
  readonly refunded: number
  readonly metadata: { readonly order?: string }
}

export async function readEndState(at: {
  readonly databaseUrl: string
  readonly simulatorUrl: string
}): Promise<EndState> {
  const response = await fetch(`${at.simulatorUrl}/_simulator/ledger`)
  const { intents } = (await response.json()) as { intents: MoneyFacts[] }
  const client = new Client({ connectionString: at.databaseUrl })
  await client.connect()
  try {
    const rows = async <Row extends object>(text: string) => (await client.query<Row>(text)).rows
    return {
      ledger: intents,
      orders: await rows<OrderFacts>(
        `select o.id, o.event_id as event, o.state, o.total::float8 as total, o.currency, o.lines,
           p.intent_id as intent, p.state as payment
         from orders o left join payments p on p.region = o.region and p.order_id = o.id`,
      ),
      claims: await rows<ClaimFacts>(
        `select event_id as event, unit, state, order_id as order from claims
         where state <> 'free'`,
      ),
      tickets: await rows<TicketFacts>(
        'select event_id as event, unit, state, order_id as order from tickets',
      ),
      owed: (await rows<{ id: string }>('select id from outbox where done_at is null')).map(
        ({ id }) => id,
      ),
    }
  } finally {
    await client.end()
  }
}

/** What is wrong, one sentence each; nothing when all agrees. */
export function disagreements(end: EndState, acknowledged: readonly Acknowledged[]): string[] {
  return [
    ...end.owed.map((id) => `${id} is still owed`),
    ...orderFaults(end),
    ...seatFaults(end),
    ...end.orders.flatMap((order) => moneyFaults(order, linesOfLedger(end, order.id))),
    ...strayMoney(end),
    ...lostOrders(end, acknowledged),
  ]
}

function orderFaults({ orders }: EndState): string[] {
  return orders.flatMap(({ id, state, total, lines }) => {
    const sum = lines.reduce((before, { price, fee }) => before + price + fee, 0)
    return [
      ...(state === 'pending' ? [`${id} is still pending`] : []),
      ...(sum === total ? [] : [`${id} costs ${total}, its lines ${sum}`]),
    ]
  })
}

/** Paid lines, sold claims and valid tickets name the same units for the same orders, each once. */
function seatFaults({ orders, claims, tickets }: EndState): string[] {
  const paid = orders.filter(({ state }) => state === 'paid')
  const lines = paid.flatMap(({ id, event, lines: ofOrder }) =>
    ofOrder.map(({ unit }) => ({ event, unit, order: id })),
  )
  const sold = claims.filter(({ state }) => state === 'sold')
  const valid = tickets.filter(({ state }) => state === 'valid')
  return [
    ...twice('paid orders', lines),
    ...twice('valid tickets', valid),
    ...missing('is paid and not sold', lines, sold),
    ...missing('is paid without a ticket', lines, valid),
    ...missing('is sold and not paid', sold, lines),
    ...missing('has a ticket and is not paid', valid, lines),
    ...claims
      .filter(({ state }) => state === 'reserved')
      .map((claim) => `${nameOf(claim)} is still reserved`),
  ]
}

type Unit = { readonly event: string; readonly unit: number; readonly order: string | null }

function twice(where: string, units: readonly Unit[]): string[] {
  const owners = new Map<string, string | null>()
  return units.flatMap(({ event, unit, order }) => {
    const place = `${event} unit ${unit}`
    const other = owners.get(place)
    owners.set(place, order)
    return other === undefined ? [] : [`${place} is twice among ${where}: ${other}, ${order}`]
  })
}

function missing(fault: string, units: readonly Unit[], among: readonly Unit[]): string[] {
  const there = new Set(among.map(nameOf))
  return units.filter((unit) => !there.has(nameOf(unit))).map((unit) => `${nameOf(unit)} ${fault}`)
}

function nameOf({ event, unit, order }: Unit): string {
  return `${event} unit ${unit} of ${order}`
}

function linesOfLedger({ ledger }: EndState, order: string): MoneyFacts[] {
  return ledger.filter(({ metadata }) => metadata.order === order)
}

/** Paid: taken once and to the cent. Else: nothing was taken and nothing can be any more. */
function moneyFaults(order: OrderFacts, money: readonly MoneyFacts[]): string[] {
  const { id, state, total, payment } = order
  const owes = state === 'paid' ? total : 0
  const captured = money.reduce((sum, line) => sum + line.captured - line.refunded, 0)
  const wishedPayment = total === 0 ? null : state === 'paid' ? 'captured' : 'voided'
  const faults = [
    ...(captured === owes ? [] : [`${id} (${state}) owes ${owes}, captured ${captured}`]),
    ...(payment === wishedPayment ? [] : [`the payment of ${id} (${state}) is ${payment}`]),
  ]
  if (total === 0) return faults
  const own = money.find(({ intent }) => intent === order.intent)
  if (own === undefined) return [...faults, `${id} names ${order.intent}, which the ledger has not`]
  const wished = state === 'paid' ? 'succeeded' : 'canceled'
  if (own.status !== wished) faults.push(`${own.intent} of ${id} (${state}) is ${own.status}`)
  if (own.currency.toLowerCase() !== order.currency.toLowerCase()) {
    faults.push(`${id} is in ${order.currency}, its money in ${own.currency}`)
  }
  return faults
}

/** No card stays blocked, and no order means no money. */
function strayMoney({ ledger, orders }: EndState): string[] {
  const known = new Set(orders.map(({ id }) => id))
  return ledger.flatMap(({ intent, authorized, captured, voided, metadata }) => {
    const held = authorized - captured - voided
    const faults = held === 0 ? [] : [`${intent} still holds ${held}`]
    if (!known.has(metadata.order ?? '') && captured !== 0) {
      faults.push(`${intent} has taken ${captured} for no order`)
    }
    return faults
  })
}

function lostOrders({ orders }: EndState, acknowledged: readonly Acknowledged[]): string[] {
  const known = new Map(orders.map((order) => [order.id, order]))
  return acknowledged.flatMap(({ order: id, units }) => {
    const order = known.get(id)
    if (order?.state !== 'paid') return [`${id} was acknowledged and is ${order?.state ?? 'lost'}`]
    const has = listed(order.lines.map(({ unit }) => unit))
    const told = listed(units)
    return has === told ? [] : [`${id} was told units ${told}, has ${has}`]
  })
}

function listed(units: readonly number[]): string {
  return [...units].sort((a, b) => a - b).join(', ')
}
