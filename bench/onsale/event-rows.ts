/** The rows of one event, read and never written: what the verdict holds against the API. */
import type pg from 'pg'
import type { DatabaseFinding } from './findings.ts'

/** Work that is owed to orders of the event, reminders of unpaid ones apart: those wait for long. */
const owedText = `select count(*)::int4 as owed from outbox o
join orders r on r.region = o.region and r.id = o.payload->>'order'
where o.region = $1 and r.event_id = $2 and o.done_at is null and o.kind <> 'order.started'`

const ordersText = `select id, state, total::text as total, lines from orders
where region = $1 and event_id = $2`

const ticketsText = `select order_id, unit, state from tickets where region = $1 and event_id = $2`

const claimsText = `select order_id, unit from claims
where region = $1 and event_id = $2 and state = 'sold'`

const paymentsText = `select p.order_id, p.state, p.amount::text as amount from payments p
join orders r on r.region = p.region and r.id = p.order_id
where p.region = $1 and r.event_id = $2`

const otherOrdersText = `select id from orders where id = any($1::text[]) and event_id <> $2`

export type EventRows = { readonly homeRegion: string; readonly id: string }

export async function countOwed(db: pg.Client, { homeRegion, id }: EventRows): Promise<number> {
  const { rows } = await db.query<{ owed: number }>(owedText, [homeRegion, id])
  return rows[0]?.owed ?? 0
}

type OrderRow = {
  readonly id: string
  readonly state: string
  readonly total: string
  readonly lines: readonly { readonly unit: number; readonly price: number; readonly fee: number }[]
}

/** @param named the orders that the payment provider names, ours or of other sales */
export async function readEventRows(
  db: pg.Client,
  event: EventRows,
  named: readonly string[],
): Promise<DatabaseFinding> {
  const of = [event.homeRegion, event.id]
  const orders = await db.query<OrderRow>(ordersText, of)
  const tickets = await db.query<{ order_id: string; unit: number; state: string }>(ticketsText, of)
  const claims = await db.query<{ order_id: string | null; unit: number }>(claimsText, of)
  const payments = await db.query<{ order_id: string; state: string; amount: string }>(
    paymentsText,
    of,
  )
  const others = await db.query<{ id: string }>(otherOrdersText, [named, event.id])
  return {
    orders: orders.rows.map(({ lines, total, ...order }) => ({
      ...order,
      total: Number(total),
      units: lines.map((line) => line.unit),
      linesTotal: lines.reduce((sum, { price, fee }) => sum + price + fee, 0),
    })),
    tickets: tickets.rows.map(({ order_id: order, unit, state }) => ({
      order,
      unit,
      isValid: state === 'valid',
    })),
    soldClaims: claims.rows.map(({ order_id: order, unit }) => ({ order, unit })),
    payments: payments.rows.map(({ order_id: order, state, amount }) => ({
      order,
      state,
      amount: Number(amount),
    })),
    otherOrders: new Set(others.rows.map((row) => row.id)),
  }
}
