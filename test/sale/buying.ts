/** The steps of a purchase that most tests of the sale begin with, and ways to let time pass. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import type { StripeSimulator } from '../../stripe-simulator/simulator.ts'
import { eventually } from '../support/eventually.ts'
import { type Api, control, persist, region, type SaleSystem } from '../support/sale-system.ts'

export const visa = 'pm_card_visa'

export const seats = (...units: number[]) => ({ kind: 'units' as const, units })

/** The units, or the units under a key. */
export type Wish = readonly number[] | { readonly units: readonly number[]; readonly key: string }

export async function hold(fan: Api, event: string, wish: Wish) {
  const { units, key } = 'units' in wish ? wish : { units: wish, key: randomUUID() }
  return persist(() => fan.holds.place.mutate({ event, key, seats: seats(...units) }))
}

export async function start(fan: Api, event: string, wish: Wish) {
  const { token } = await hold(fan, event, wish)
  return persist(() => fan.checkout.start.mutate({ holdToken: token }))
}

/** With a card that is taken, unless told. */
export function confirm(
  fan: Api,
  order: string,
  card: { readonly paymentMethod?: string; readonly key?: string } = {},
) {
  const { paymentMethod = visa, key = randomUUID() } = card
  return persist(() => fan.checkout.confirm.mutate({ order, key, paymentMethod }))
}

export async function buy(fan: Api, event: string, units: readonly number[]) {
  const { order } = await start(fan, event, units)
  return (await confirm(fan, order.id)).order
}

/** The order's reservation ran out a second ago; its reminder is not due before `remind`. */
export async function runOut({ sql }: SaleSystem, order: string): Promise<void> {
  const ago = "now() - interval '1 second'"
  await sql(`update orders set expires_at = ${ago} where region = $1 and id = $2`, [region, order])
  await sql(
    `update claims set expires_at = ${ago}
     where region = $1 and order_id = $2 and state in ('held', 'reserved')`,
    [region, order],
  )
  await sql(
    `update holds set expires_at = ${ago}
     where region = $1 and id = $2 and state = 'held'`,
    [region, order],
  )
}

/** The reminder of the order is due now. */
export async function remind({ sql }: SaleSystem, order: string): Promise<void> {
  await sql(`update outbox set due_at = now() where region = $1 and id = $2`, [
    region,
    `order.started:${order}`,
  ])
}

export type LedgerLine = {
  readonly intent: string
  readonly status: string
  readonly amount: number
  readonly authorized: number
  readonly captured: number
  readonly voided: number
  readonly refunded: number
  readonly metadata: { readonly order?: string }
}

export async function ledger(simulator: StripeSimulator): Promise<LedgerLine[]> {
  return (await control<{ intents: LedgerLine[] }>(simulator, 'ledger')).intents
}

export async function ledgerOf({ simulator }: SaleSystem, order: string): Promise<LedgerLine[]> {
  return (await ledger(simulator)).filter((line) => line.metadata.order === order)
}

export type OrderRow = {
  readonly id: string
  readonly state: 'pending' | 'paid' | 'void'
  readonly reason: string | null
  readonly payment: string | null
  readonly intent: string | null
  readonly total: number
  /** Units by the state of their claim, of those that name this order. */
  readonly sold: number
  readonly reserved: number
  readonly tickets: number
  readonly units: number
}

/** @param event its orders alone; of many events the database need not look at all, each time */
export async function orderRows(
  { sql }: Pick<SaleSystem, 'sql'>,
  event: string | null = null,
): Promise<OrderRow[]> {
  return sql<OrderRow>(
    `select o.id, o.state, o.void_reason as reason, p.state as payment, p.intent_id as intent,
       o.total::int4 as total,
       o.units,
       (select count(*)::int4 from claims c
         where c.region = o.region and c.event_id = o.event_id and c.order_id = o.id
           and c.state = 'sold') as sold,
       (select count(*)::int4 from claims c
         where c.region = o.region and c.event_id = o.event_id and c.order_id = o.id
           and c.state = 'reserved') as reserved,
       (select count(*)::int4 from tickets t
         where t.region = o.region and t.order_id = o.id and t.state = 'valid') as tickets
     from orders o left join payments p on p.region = o.region and p.order_id = o.id
     where $1::text is null or o.event_id = $1
     order by o.id`,
    [event],
  )
}

export async function orderRow(system: Pick<SaleSystem, 'sql'>, id: string): Promise<OrderRow> {
  const row = (await orderRows(system)).find((each) => each.id === id)
  if (row === undefined) throw new Error(`there is no order ${id}`)
  return row
}

/** Nothing is owed: no duty but reminders of orders that still may be paid. */
export async function quiescent({ sql }: Pick<SaleSystem, 'sql'>): Promise<void> {
  await eventually(
    async () => {
      const [row] = await sql<{ owed: number }>(
        `select count(*)::int4 as owed from outbox b
         where done_at is null and not exists (
           select 1 from orders o where o.id = b.payload ->> 'order' and b.kind = 'order.started'
             and (o.state <> 'pending' or o.expires_at > now()))`,
      )
      return row?.owed === 0
    },
    { what: 'every duty done', timeoutMs: 40_000 },
  )
}

/**
 * The own intent of each paid order is captured, to the cent, and it has its tickets; every other
 * intent was let go or never authorized, and its order has nothing.
 */
export async function expectMoneyAndTicketsAgree(system: SaleSystem): Promise<void> {
  await quiescent(system)
  const orders = await orderRows(system)
  const paid = new Map(
    orders.filter(({ state }) => state === 'paid').map((order) => [order.intent, order]),
  )
  const captured = new Set<string>()
  for (const line of await ledger(system.simulator)) {
    const order = paid.get(line.intent)
    const held = line.authorized - line.captured - line.voided
    expect({ ...line, held }).toMatchObject({ captured: order?.total ?? 0, held: 0, refunded: 0 })
    if (order !== undefined) captured.add(line.intent)
  }
  for (const order of orders) {
    const { units, state, total, intent } = order
    if (state === 'pending') continue
    const isPaid = state === 'paid'
    const payment = total === 0 ? null : isPaid ? 'captured' : 'voided'
    const has = isPaid ? units : 0
    expect(order).toMatchObject({ payment, sold: has, tickets: has, reserved: 0 })
    expect(captured.has(intent ?? '')).toBe(isPaid && total > 0)
  }
}

/** How many units a viewer sees free. */
export async function shownFree(system: SaleSystem, event: string): Promise<number> {
  const viewer = await system.fan('viewer')
  const { sections } = await viewer.events.availability.query({ event })
  return sections.reduce((sum, section) => sum + section.free, 0)
}

export const hallUnits = 100

/** Answers without what may differ between two calls for the same thing. */
export function stable(answer: unknown): string {
  const volatile = new Set(['expiresInMs', 'expiresAt', 'token'])
  return JSON.stringify(answer, (key, value: unknown) => (volatile.has(key) ? undefined : value))
}

/** Redis is wiped, where there is one, and knows from SQL only what is alive. */
export async function forgetHolds({ config }: SaleSystem): Promise<void> {
  if (config.REDIS_URL === undefined) return
  const redis = new Redis(config.REDIS_URL)
  await redis.flushdb()
  redis.disconnect()
}
