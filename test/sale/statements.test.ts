/** The sale's statements on a real database: all of it or nothing, condition by condition. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventId } from '../../server/platform/ids.ts'
import { limits } from '../../server/platform/limits.ts'
import { completeLateOrderStatement } from '../../server/stores/sale/complete-late-order.ts'
import {
  completeOrders,
  completeOrdersStatement,
} from '../../server/stores/sale/complete-orders.ts'
import { findOrder } from '../../server/stores/sale/orders.ts'
import { startOrders, startOrdersStatement } from '../../server/stores/sale/start-orders.ts'
import { voidOrders, voidOrdersStatement } from '../../server/stores/sale/void-orders.ts'
import { region } from '../support/sale-system.ts'
import {
  epoch,
  groupToComplete,
  groupToStart,
  groupToVoid,
  openStores,
  orderOf,
  ordersOf,
  type Stores,
  setClaim,
} from './stores-under-test.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores[Symbol.asyncDispose]())

const minuteMs = 60_000

/** Expects this error, and that no row of any table is different afterwards. */
async function expectNothingDone(error: string, act: () => Promise<unknown>): Promise<void> {
  const before = await stores.checksum()
  await expect(act()).rejects.toMatchObject({ name: error })
  expect(await stores.checksum()).toBe(before)
}

const guard = 'GuardFailedError'

async function claimsOf(event: EventId, units: readonly number[]) {
  return stores.sql<{ unit: number; state: string; order_id: string | null; version: string }>(
    `select unit, state, order_id, version from claims
     where region = $1 and event_id = $2 and unit = any($3) order by unit`,
    [region, event, units],
  )
}

const setSale = (event: EventId, change: string) =>
  stores.sql(`update event_sales set ${change} where event_id = $1`, [event])

describe('starting orders', () => {
  for (const count of [1, limits.ordersPerGroupMax]) {
    it(`reserves, owes and reminds for a group of ${count}`, async () => {
      const event = await stores.newEvent()
      const orders = ordersOf(event, count)
      const { createdAt, expiresAt } = await startOrders(stores.db, groupToStart(event, orders))
      expect(expiresAt.getTime() - createdAt.getTime()).toBe(limits.reservationMs)
      for (const { id, buyer, units } of orders) {
        const found = await findOrder(stores.db, { region, id })
        expect(found).toMatchObject({
          order: { state: 'pending', buyer, total: 200, createdAt, expiresAt, version: 1 },
          payment: { intentId: `pi_${id}`, state: 'pending' },
          expired: false,
        })
        expect(await claimsOf(event, units)).toEqual(
          units.map((unit) => ({ unit, state: 'reserved', order_id: id, version: '2' })),
        )
      }
      const due = await stores.sql(
        `select 1 from outbox b join orders o on b.id = 'order.started:' || o.id
         where o.event_id = $1 and b.due_at > o.expires_at and b.done_at is null`,
        [event],
      )
      expect(due).toHaveLength(count)
    })

    it(`is refused as a whole of ${count} by an old and by a future epoch`, async () => {
      const event = await stores.newEvent()
      const group = groupToStart(event, ordersOf(event, count))
      for (const wrong of [epoch - 1, epoch + 1]) {
        const start = () => startOrders(stores.db, { ...group, epoch: wrong })
        await expectNothingDone(guard, start)
      }
    })

    it.each([
      ['has closed, by the time of the database', "closes_at = now() - interval '1 millisecond'"],
      ['has not opened', "opens_at = now() + interval '1 minute'"],
      ['was cancelled', "state = 'cancelled'"],
    ])(`of ${count} is refused when the sale %s`, async (_, change) => {
      const event = await stores.newEvent()
      await setSale(event, change)
      const group = groupToStart(event, ordersOf(event, count))
      await expectNothingDone(guard, () => startOrders(stores.db, group))
    })

    it.each([
      ['sold', { state: 'sold', order: 'other' }],
      ['blocked', { state: 'blocked' }],
      ['reserved by another', { state: 'reserved', order: 'other', endsInMs: minuteMs }],
      ['held by another', { state: 'held', order: 'other', endsInMs: minuteMs }],
    ])(`of ${count} is refused when one unit is %s`, async (_, claim) => {
      const event = await stores.newEvent()
      await setClaim(stores, event, { unit: 1, ...claim })
      const group = groupToStart(event, ordersOf(event, count))
      await expectNothingDone(guard, () => startOrders(stores.db, group))
    })

    it(`of ${count} that was started before is known by its key`, async () => {
      const event = await stores.newEvent()
      const orders = ordersOf(event, count)
      await startOrders(stores.db, groupToStart(event, orders.slice(-1)))
      const again = groupToStart(event, orders)
      await expectNothingDone('DuplicateKeyError', () => startOrders(stores.db, again))
    })
  }

  it('is refused for a sale that is not there, and for a unit that is not there', async () => {
    const event = await stores.newEvent({ units: 4 })
    const missing = groupToStart(event, [orderOf(event, [3, 4])])
    await expectNothingDone(guard, () => startOrders(stores.db, missing))
    await stores.sql('delete from event_sales where event_id = $1', [event])
    const unsold = groupToStart(event, [orderOf(event, [1])])
    await expectNothingDone(guard, () => startOrders(stores.db, unsold))
  })

  it('counts what a buyer has: paid, alive, and twice in one group', async () => {
    const event = await stores.newEvent({ limitPerBuyer: 4 })
    const start = (...units: number[][]) =>
      startOrders(
        stores.db,
        groupToStart(
          event,
          units.map((each) => orderOf(event, each)),
        ),
      )
    await expectNothingDone(guard, () => start([0, 1, 2, 3, 4]))
    await expectNothingDone(guard, () => start([0, 1, 2], [3, 4]))
    const paid = orderOf(event, [0, 1])
    await startOrders(stores.db, groupToStart(event, [paid]))
    await expectNothingDone(guard, () => start([2, 3, 4]))
    await completeOrders(stores.db, groupToComplete(event, [paid]))
    await expectNothingDone(guard, () => start([2, 3, 4]))
    await start([2], [3])
    await expectNothingDone(guard, () => start([4]))
  })

  it('does not count what ran out, ended, or is of another event or buyer', async () => {
    const event = await stores.newEvent({ limitPerBuyer: 2 })
    const other = await stores.newEvent()
    const lapsed = orderOf(event, [0, 1])
    const ended = orderOf(event, [2, 3])
    await startOrders(stores.db, groupToStart(event, [lapsed]))
    await stores.sql("update orders set expires_at = now() - interval '1 ms' where id = $1", [
      lapsed.id,
    ])
    await startOrders(stores.db, groupToStart(event, [ended]))
    await voidOrders(stores.db, groupToVoid(event, [ended]))
    await startOrders(stores.db, groupToStart(other, [orderOf(other, [0, 1])]))
    await startOrders(stores.db, groupToStart(event, [orderOf(event, [4, 5], 'bob')]))
    await startOrders(stores.db, groupToStart(event, [orderOf(event, [6, 7])]))
  })

  it('takes what has run out and what its own hold has', async () => {
    const event = await stores.newEvent()
    const order = orderOf(event, [0, 1, 2, 3])
    await setClaim(stores, event, { unit: 0, state: 'held', order: 'other', endsInMs: -1 })
    await setClaim(stores, event, { unit: 1, state: 'reserved', order: 'other', endsInMs: -1 })
    await setClaim(stores, event, { unit: 2, state: 'held', order: order.id, endsInMs: minuteMs })
    await startOrders(stores.db, groupToStart(event, [order]))
    const owners = (await claimsOf(event, order.units)).map(({ order_id }) => order_id)
    expect(new Set(owners)).toEqual(new Set([order.id]))
  })

  it('refuses two orders of one id, and groups out of bounds, before asking', async () => {
    const event = await stores.newEvent()
    const order = orderOf(event, [0])
    const twice = groupToStart(event, [order, { ...order, units: [1] }])
    await expectNothingDone('DuplicateKeyError', () => startOrders(stores.db, twice))
    const shared = groupToStart(event, [orderOf(event, [0]), orderOf(event, [0], 'bob')])
    const assertion = 'AssertionError'
    await expectNothingDone(assertion, () => startOrders(stores.db, shared))
    const tooMany = groupToStart(event, ordersOf(event, limits.ordersPerGroupMax + 1))
    await expectNothingDone(assertion, () => startOrders(stores.db, tooMany))
    await expectNothingDone(assertion, () => startOrders(stores.db, { ...tooMany, orders: [] }))
  })
})

describe('completing orders', () => {
  const started = async (count: number) => {
    const event = await stores.newEvent()
    const orders = ordersOf(event, count)
    await startOrders(stores.db, groupToStart(event, orders))
    return { event, orders, group: groupToComplete(event, orders) }
  }

  for (const count of [1, limits.ordersPerGroupMax]) {
    it(`sells, issues tickets and owes the capture for a group of ${count}`, async () => {
      const { event, orders, group } = await started(count)
      const { paidAt } = await completeOrders(stores.db, group)
      for (const { id, units } of orders) {
        expect(await findOrder(stores.db, { region, id })).toMatchObject({
          order: { state: 'paid', paidAt, version: 2 },
          payment: { state: 'authorized' },
        })
        expect(await claimsOf(event, units)).toMatchObject(
          units.map((unit) => ({ unit, state: 'sold', order_id: id })),
        )
        const tickets = await stores.sql<{ unit: number }>(
          "select unit from tickets where order_id = $1 and state = 'valid' order by unit",
          [id],
        )
        expect(tickets.map(({ unit }) => unit)).toEqual(units)
      }
      const owed = await stores.sql(
        `select 1 from outbox b join orders o on b.id = 'order.paid:' || o.id
         where o.event_id = $1 and b.due_at <= now()`,
        [event],
      )
      expect(owed).toHaveLength(count)
    })

    it(`of ${count} happens once`, async () => {
      const { group } = await started(count)
      await completeOrders(stores.db, group)
      await expectNothingDone(guard, () => completeOrders(stores.db, group))
    })

    it(`of ${count} is refused by another epoch and by a cancelled event`, async () => {
      const { event, group } = await started(count)
      const old = { ...group, epoch: epoch - 1 }
      await expectNothingDone(guard, () => completeOrders(stores.db, old))
      await setSale(event, "state = 'cancelled'")
      await expectNothingDone(guard, () => completeOrders(stores.db, group))
    })

    it.each([
      ['sold to another', { state: 'sold', order: 'other' }],
      ['blocked', { state: 'blocked' }],
      ['reserved by another', { state: 'reserved', order: 'other', endsInMs: minuteMs }],
      ['held by another', { state: 'held', order: 'other', endsInMs: minuteMs }],
    ])(`of ${count} is refused when one unit is %s`, async (_, claim) => {
      const { event, group } = await started(count)
      await setClaim(stores, event, { unit: 1, ...claim })
      await expectNothingDone(guard, () => completeOrders(stores.db, group))
    })

    it(`of ${count} is refused when the payments are not as many as owed`, async () => {
      const { orders, group } = await started(count)
      const [first, ...others] = group.orders
      if (first === undefined) throw new Error('a group has orders')
      const fewer = { ...group, orders: [{ ...first, hasPayment: false }, ...others] }
      await expectNothingDone(guard, () => completeOrders(stores.db, fewer))
      await stores.sql('delete from payments where order_id = $1', [orders[0]?.id])
      await expectNothingDone(guard, () => completeOrders(stores.db, group))
    })

    it(`of ${count} is refused when one order has ended or is not there`, async () => {
      const { event, orders, group } = await started(count)
      const stranger = orderOf(event, [190], 'nobody')
      const withStranger = groupToComplete(event, [...orders.slice(1), stranger])
      await expectNothingDone(guard, () => completeOrders(stores.db, withStranger))
      await voidOrders(stores.db, groupToVoid(event, orders.slice(0, 1)))
      await expectNothingDone(guard, () => completeOrders(stores.db, group))
    })
  }

  it('is refused for an order that has ended, also where no money was owed', async () => {
    const event = await stores.newEvent()
    const order = orderOf(event, [0])
    const start = groupToStart(event, [order])
    const free = start.orders.map((each) => ({ ...each, total: 0, intentId: null }))
    await startOrders(stores.db, { ...start, orders: free })
    await voidOrders(stores.db, groupToVoid(event, [order]))
    const orders = [{ id: order.id, units: order.units, hasPayment: false, trace: '' }]
    const complete = () => completeOrders(stores.db, { region, epoch, event, orders })
    await expectNothingDone(guard, complete)
  })

  it('after the reservation takes the same units when they are its own, free or lapsed', async () => {
    const event = await stores.newEvent()
    const order = orderOf(event, [0, 1, 2])
    await startOrders(stores.db, groupToStart(event, [order]))
    await setClaim(stores, event, { unit: 0, state: 'reserved', order: order.id, endsInMs: -1 })
    await setClaim(stores, event, { unit: 1, state: 'free' })
    await setClaim(stores, event, { unit: 2, state: 'held', order: 'other', endsInMs: -1 })
    await completeOrders(stores.db, groupToComplete(event, [order]))
    const claims = await claimsOf(event, order.units)
    expect(claims.every((claim) => claim.order_id === order.id)).toBe(true)
  })

  it('goes on after the window has closed: the seats were promised', async () => {
    const { event, group } = await started(1)
    await setSale(event, "closes_at = now() - interval '1 minute'")
    await completeOrders(stores.db, group)
  })
})

describe('ending orders', () => {
  it.each([1, limits.ordersPerGroupMax])('frees a group of %i, once', async (count) => {
    const event = await stores.newEvent()
    const orders = ordersOf(event, count)
    await startOrders(stores.db, groupToStart(event, orders))
    const group = groupToVoid(event, orders)
    const old = { ...group, epoch: epoch - 1 }
    await expectNothingDone(guard, () => voidOrders(stores.db, old))
    await voidOrders(stores.db, group)
    for (const { id, units } of orders) {
      expect(await findOrder(stores.db, { region, id })).toMatchObject({
        order: { state: 'void', voidReason: 'expired' },
        payment: { state: 'voided' },
      })
      expect(await claimsOf(event, units)).toMatchObject(
        units.map((unit) => ({ unit, state: 'free', order_id: null })),
      )
    }
    await expectNothingDone(guard, () => voidOrders(stores.db, group))
    const paid = () => completeOrders(stores.db, groupToComplete(event, orders))
    await expectNothingDone(guard, paid)
  })

  it('is refused for a group in which one is paid', async () => {
    const event = await stores.newEvent()
    const orders = ordersOf(event, 2)
    await startOrders(stores.db, groupToStart(event, orders))
    await completeOrders(stores.db, groupToComplete(event, orders.slice(0, 1)))
    await expectNothingDone(guard, () => voidOrders(stores.db, groupToVoid(event, orders)))
  })

  it('leaves units that are somebody else`s by now', async () => {
    const event = await stores.newEvent()
    const order = orderOf(event, [0, 1])
    await startOrders(stores.db, groupToStart(event, [order]))
    const other = { unit: 1, state: 'reserved', order: 'other', endsInMs: minuteMs }
    await setClaim(stores, event, other)
    await voidOrders(stores.db, groupToVoid(event, [order]))
    expect(await claimsOf(event, order.units)).toMatchObject([
      { state: 'free' },
      { state: 'reserved', order_id: 'other' },
    ])
  })

  it('is bounded', async () => {
    const event = await stores.newEvent()
    const many = groupToVoid(event, ordersOf(event, limits.ordersPerGroupMax + 1))
    await expectNothingDone('AssertionError', () => voidOrders(stores.db, many))
  })
})

describe('racing groups', () => {
  it('sell each unit once, whoever wins', async () => {
    const event = await stores.newEvent({ units: 16, limitPerBuyer: 16 })
    const rivals = Array.from({ length: 24 }, (_, number) =>
      orderOf(event, [number % 16, (number * 7 + 1) % 16], `buyer ${number}`),
    )
    const outcomes = await Promise.allSettled(
      rivals.map(async (order) => {
        await startOrders(stores.db, groupToStart(event, [order]))
        await completeOrders(stores.db, groupToComplete(event, [order]))
      }),
    )
    const won = rivals.filter((_, index) => outcomes[index]?.status === 'fulfilled')
    const sold = await stores.sql<{ unit: number; order_id: string }>(
      "select unit, order_id from claims where event_id = $1 and state = 'sold' order by unit",
      [event],
    )
    expect(sold).toHaveLength(won.flatMap(({ units }) => units).length)
    const tickets = await stores.sql<{ unit: number }>(
      'select unit from tickets where event_id = $1 order by unit',
      [event],
    )
    expect(tickets.map(({ unit }) => unit)).toEqual(sold.map(({ unit }) => unit))
    expect(won.length).toBeGreaterThan(0)
  })

  it('of one buyer stay within the limit', async () => {
    const event = await stores.newEvent({ limitPerBuyer: 4 })
    const orders = Array.from({ length: 8 }, (_, number) => orderOf(event, [number, number + 20]))
    const outcomes = await Promise.allSettled(
      orders.map((order) => startOrders(stores.db, groupToStart(event, [order]))),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  })
})

describe('the duty that an order leaves', () => {
  it('carries the trace of its own order, and nothing when there is none', async () => {
    const event = await stores.newEvent()
    const [first, second, third] = ordersOf(event, 3)
    if (!first || !second || !third) throw new Error('there are three orders')
    const traceOf = (order: { id: string }) => (order.id === second.id ? '' : `00-${order.id}`)
    const withTraces = <Order extends { id: string }>(orders: readonly Order[]) =>
      orders.map((order) => ({ ...order, trace: traceOf(order) }))
    const start = groupToStart(event, [first, second, third])
    await startOrders(stores.db, { ...start, orders: withTraces(start.orders) })
    const complete = groupToComplete(event, [second, first])
    await completeOrders(stores.db, { ...complete, orders: withTraces(complete.orders) })
    const ended = groupToVoid(event, [third])
    await voidOrders(stores.db, { ...ended, orders: withTraces(ended.orders) })
    const rows = await stores.sql<{ id: string; payload: unknown }>(
      `select b.id, b.payload from outbox b join orders o on o.id = b.payload ->> 'order'
       where o.event_id = $1`,
      [event],
    )
    const told = (kind: string, order: { id: string }) => [
      `${kind}:${order.id}`,
      { order: order.id, trace: traceOf(order) },
    ]
    expect(Object.fromEntries(rows.map(({ id, payload }) => [id, payload]))).toEqual(
      Object.fromEntries([
        ...[first, second, third].map((order) => told('order.started', order)),
        ...[first, second].map((order) => told('order.paid', order)),
        told('order.voided', third),
      ]),
    )
  })
})

describe('the text of the sale', () => {
  it.each([
    startOrdersStatement,
    completeOrdersStatement,
    completeLateOrderStatement,
    voidOrdersStatement,
  ])('is as reviewed: $name', async ({ name, text }) => {
    const file = `./golden/${name.replace('sale.', '')}.sql`
    await expect(`${text};\n`).toMatchFileSnapshot(file)
  })
})
