/**
 * One round: some sales at once, each stopped at its own step, then kill -9, a new start, and fans
 * who come back with the same key or never.
 */
import { randomUUID } from 'node:crypto'
import { orderIdFor } from '../../server/platform/ids.ts'
import type { Acknowledged } from '../support/agreement.ts'
import { eventually } from '../support/eventually.ts'
import {
  FollowedSale,
  type KillPoint,
  type KillPoints,
  nameOfPoint,
  type Step,
} from './kill-points.ts'
import type { Fan, ProcessSystem } from './process-system.ts'
import { buyOnce, buyUntilAnswered } from './purchase.ts'

const units = [3, 4]
const paymentMethod = 'pm_card_visa'
const withinMs = 60_000

export type PlannedSale = {
  readonly point: KillPoint | null
  /** Whether the fan repeats the purchase until it is answered, or walks away. */
  readonly returns: boolean
}

type Sale = PlannedSale & {
  readonly fan: Fan
  readonly event: string
  readonly key: string
  readonly followed: FollowedSale
}

export type Trace = { readonly request: readonly Step[]; readonly worker: readonly Step[] }

/** One whole sale without a kill: what passes until the fan is answered, and what the worker does. */
export async function traceSale(system: ProcessSystem, points: KillPoints): Promise<Trace> {
  const sale = await prepare(system, { point: null, returns: true })
  const { steps } = sale.followed
  points.follow([sale.followed])
  await purchase(system, sale)
  const request = [...steps]
  points.letWorkerGo()
  await settledFor(system, sale)
  const worker = steps.slice(request.length)
  points.rest()
  return { request, worker }
}

/** @returns the orders that fans were told are paid */
export async function playRound(
  system: ProcessSystem,
  points: KillPoints,
  plan: readonly PlannedSale[],
): Promise<Acknowledged[]> {
  const sales: Sale[] = []
  for (const one of plan) sales.push(await prepare(system, one))
  const acknowledged: Acknowledged[] = []
  const answered = new Set<Sale>()
  points.follow(sales.map(({ followed }) => followed))
  const fans = sales.map(async (sale) => {
    const order = await purchase(system, sale).catch((cause: unknown) => {
      if (sale.returns) throw cause
      return null
    })
    answered.add(sale)
    if (order !== null) acknowledged.push(order)
  })
  const fates = Promise.all(fans)
  fates.catch(() => undefined)
  const stuck = (sale: Sale) => sale.followed.isStuck
  const missing = (sale: Sale) =>
    stuck(sale) || sale.point === null ? [] : [nameOfPoint(sale.point)]
  await eventually(() => sales.every((sale) => stuck(sale) || answered.has(sale)), {
    what: `all sales have gone as far as they go by themselves: ${names(sales)}`,
    timeoutMs: withinMs,
  })
  points.letWorkerGo()
  await eventually(() => sales.flatMap(missing).length === 0, {
    what: `all sales are at their points: ${names(sales)}`,
    timeoutMs: withinMs,
  })
  await system.lives.kill()
  points.rest()
  await system.lives.start()
  await fates
  return acknowledged
}

function names(sales: readonly Sale[]): string {
  return sales.map(({ point }) => (point === null ? 'none' : nameOfPoint(point))).join(', ')
}

async function prepare(system: ProcessSystem, plan: PlannedSale): Promise<Sale> {
  const fan = await system.fan(`fan-${randomUUID().slice(0, 30)}`)
  const event = await system.newEvent()
  const key = randomUUID()
  const order = orderIdFor({ event: event as never, buyer: fan.buyer, key })
  const followed = new FollowedSale([event, order, fan.token], plan.point)
  return { ...plan, fan, event, key, followed }
}

/** A fan who does not return tries once. */
function purchase(system: ProcessSystem, sale: Sale): Promise<Acknowledged> {
  const { event, key, fan, returns } = sale
  const wish = { event, key, seats: { kind: 'units' as const, units }, paymentMethod }
  return returns ? buyUntilAnswered(system, fan, wish) : buyOnce(fan, wish)
}

async function settledFor(system: ProcessSystem, sale: Sale): Promise<void> {
  const paid = `select 1 from outbox where done_at is not null and kind = 'order.paid'
    and payload ->> 'order' = (select id from orders where event_id = $1)`
  await eventually(async () => (await system.sql(paid, [sale.event])).length === 1, {
    what: 'the money is taken',
  })
}
