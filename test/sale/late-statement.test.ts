/** The completion of a late order on a real database: what is counted, and what races with it. */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../regions/local/wait-until.ts'
import type { HoldScope, HoldWish } from '../../server/domain/hold-book.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { type EventId, orderIdFor } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { GuardFailedError } from '../../server/stores/outcome.ts'
import { readAlready } from '../../server/stores/sale/buyer-already-has.ts'
import {
  completeLateOrder,
  completeLateOrderStatement,
  lateValues,
} from '../../server/stores/sale/complete-late-order.ts'
import { completeOrders } from '../../server/stores/sale/complete-orders.ts'
import { findOrder } from '../../server/stores/sale/orders.ts'
import {
  startOrders,
  startOrdersStatement,
  startValues,
} from '../../server/stores/sale/start-orders.ts'
import { voidOrders } from '../../server/stores/sale/void-orders.ts'
import { placeClaims } from '../../server/stores/sql-hold-book/place-claims.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { region } from '../support/sale-system.ts'
import {
  epoch,
  type GroupOrder,
  groupToComplete,
  groupToStart,
  groupToVoid,
  lateOrderOf,
  openStores,
  orderOf,
  type Stores,
} from './stores-under-test.ts'

const limitPerBuyer = 4
const rounds = 100

let stores: Stores
/** A second server: what one alone writes of an event goes one by one. */
let rival: Database
beforeAll(async () => {
  stores = await openStores()
  rival = openDatabase({
    url: stores.url,
    poolMax: 8,
    clock: systemClock,
    random: systemRandom,
  })
})
afterAll(async () => {
  await rival[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
})

const newEvent = () => stores.newEvent({ limitPerBuyer, units: 10 * rounds })
const start = (event: EventId, order: GroupOrder, db = stores.db) =>
  startOrders(db, groupToStart(event, [order]))
const complete = (event: EventId, order: GroupOrder, db = stores.db) =>
  completeLateOrder(db, lateOrderOf(event, order))

/** Its reservation ran out a moment ago. */
async function lateOrder(event: EventId, units: number[], buyer = 'ann'): Promise<GroupOrder> {
  const order = orderOf(event, units, buyer)
  await start(event, order)
  await runOut(order)
  return order
}

async function runOut({ id }: GroupOrder): Promise<void> {
  const ago = "now() - interval '1 millisecond'"
  await stores.sql(`update orders set expires_at = ${ago} where id = $1`, [id])
  await stores.sql(`update claims set expires_at = ${ago} where order_id = $1`, [id])
}

async function place(event: EventId, units: number[], asked: { buyer?: string; db?: Database }) {
  const { buyer = 'ann', db = stores.db } = asked
  const key = randomUUID()
  const seatMap = seatMapOf([{ kind: 'standing', units: 10 * rounds }])
  const scope: HoldScope = { event, region, epoch, seatMap, limitPerBuyer }
  const wish: HoldWish = {
    id: orderIdFor({ event, buyer, key }),
    buyer,
    request: { kind: 'units', units },
    digest: key,
    terms: { currency: 'EUR', prices: [] },
    ttlMs: 60_000,
    capMs: 120_000,
  }
  await placeClaims(db, scope, { wish, candidate: { units, edges: [] } })
  return { id: wish.id, buyer, units }
}

async function expectOverLimit(event: EventId, order: GroupOrder): Promise<void> {
  const before = await stores.checksum()
  await expect(complete(event, order)).rejects.toThrow(GuardFailedError)
  expect(await stores.checksum()).toBe(before)
}

const already = (event: EventId, { id, buyer }: GroupOrder) =>
  readAlready(stores.db, { region, event, buyer, beside: id })

describe('a late order', () => {
  it('is paid, sold and ticketed as any other', async () => {
    const event = await newEvent()
    const order = await lateOrder(event, [0, 1, 2, 3])
    const { paidAt } = await complete(event, order)
    expect(await findOrder(stores.db, { region, id: order.id })).toMatchObject({
      order: { state: 'paid', paidAt, version: 2 },
      payment: { state: 'authorized' },
    })
    const rows = await stores.sql(
      `select t.unit from tickets t join claims c on c.event_id = t.event_id and c.unit = t.unit
       where t.order_id = $1 and c.order_id = $1 and c.state = 'sold'`,
      [order.id],
    )
    expect(rows).toHaveLength(4)
  })

  it('is refused with its buyer`s paid and living orders over the limit, and not below', async () => {
    const event = await newEvent()
    const [late, small] = [await lateOrder(event, [0, 1]), await lateOrder(event, [2])]
    const other = orderOf(event, [4, 5, 6])
    await start(event, other)
    expect(await already(event, late)).toBe(3)
    await expectOverLimit(event, late)
    await completeOrders(stores.db, groupToComplete(event, [other]))
    await expectOverLimit(event, late)
    await complete(event, small)
    expect(await already(event, late)).toBe(4)
  })

  it('is refused with holds of its buyer over the limit', async () => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2])
    const held = await place(event, [4, 5], {})
    expect(await already(event, late)).toBe(2)
    await expectOverLimit(event, late)
    await stores.sql(`update holds set expires_at = now() where id = $1`, [held.id])
    await complete(event, late)
  })

  it.each<[string, (event: EventId, order: GroupOrder) => Promise<void>]>([
    ['ran out', (_, order) => runOut(order)],
    ['ended', (event, order) => voidOrders(stores.db, groupToVoid(event, [order]))],
  ])('has no rival in what %s, though its hold lives on', async (_, end) => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2, 3])
    const other = await place(event, [4, 5, 6, 7], {})
    await start(event, other)
    await end(event, other)
    expect(await already(event, late)).toBe(0)
    await complete(event, late)
  })

  it('has no rival in other buyers and events', async () => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2, 3])
    await start(event, orderOf(event, [4, 5, 6, 7], 'bob'))
    const elsewhere = await newEvent()
    await start(elsewhere, orderOf(elsewhere, [0, 1, 2, 3]))
    expect(await already(event, late)).toBe(0)
    await complete(event, late)
  })

  it('alone is not held to a limit that was lowered since', async () => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2, 3])
    await stores.sql(`update event_sales set limit_per_buyer = 1 where event_id = $1`, [event])
    await complete(event, late)
  })
})

/** Prepares what takes the same buyer's limit by other units, through another server's pool. */
type Rival = (event: EventId, buyer: string, units: number[]) => Promise<() => Promise<unknown>>

describe('a late order and, at the same time,', () => {
  const rivals: readonly (readonly [name: string, prepare: Rival])[] = [
    [
      'the start of another',
      async (event, buyer, units) => {
        const other = orderOf(event, units, buyer)
        return () => start(event, other, rival)
      },
    ],
    [
      'another late one',
      async (event, buyer, units) => {
        const other = await lateOrder(event, units, buyer)
        return () => complete(event, other, rival)
      },
    ],
    [
      'a hold of the SQL book',
      async (event, buyer, units) => () => place(event, units, { buyer, db: rival }),
    ],
  ]

  it.each(rivals)('%s, begun and done before its commit: one of them', async (_, prepare) => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2, 3])
    const other = await prepare(event, 'ann', [4, 5, 6, 7])
    const values = lateValues(lateOrderOf(event, late))
    const stand = await whichStand({ ...completeLateOrderStatement, values }, other)
    expect(stand.filter(Boolean)).toHaveLength(1)
    expect(await already(event, orderOf(event, []))).toBe(limitPerBuyer)
  })

  it('before the commit of the start of another: one of them', async () => {
    const event = await newEvent()
    const late = await lateOrder(event, [0, 1, 2, 3])
    const values = startValues(groupToStart(event, [orderOf(event, [4, 5, 6, 7])]))
    const finish = () => complete(event, late)
    const stand = await whichStand({ ...startOrdersStatement, values }, finish)
    expect(stand.filter(Boolean)).toHaveLength(1)
    expect(await already(event, orderOf(event, []))).toBe(limitPerBuyer)
  })

  it.each(rivals)('%s: one of them, and the limit is kept', async (_, prepare) => {
    const event = await newEvent()
    for (let round = 0; round < rounds; round += 1) {
      const buyer = `buyer ${round}`
      const units = [0, 1, 2, 3].map((unit) => 10 * round + unit)
      const late = await lateOrder(event, units, buyer)
      const other = await prepare(
        event,
        buyer,
        units.map((unit) => unit + 4),
      )
      const acts = [() => complete(event, late), other]
      if (round % 2 > 0) acts.reverse()
      const outcomes = await Promise.allSettled(acts.map((act) => act()))
      const lost = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
      expect(lost).toEqual([expect.any(GuardFailedError)])
      expect(await already(event, orderOf(event, [], buyer))).toBe(limitPerBuyer)
    }
  })
})

/**
 * The statement runs, then all of the other act, then the statement's transaction commits; where
 * the database lets the other wait for that, as CockroachDB does, it goes on after.
 */
async function whichStand(
  { text, values }: { readonly text: string; readonly values: unknown[] },
  other: () => Promise<unknown>,
): Promise<boolean[]> {
  const client = new Client({ connectionString: stores.url })
  await client.connect()
  try {
    await client.query('begin isolation level serializable')
    await client.query(text, values)
    let isOver = false
    const stands = async (act: Promise<unknown>) => {
      const [outcome] = await Promise.allSettled([act])
      isOver = true
      return outcome.status === 'fulfilled'
    }
    const acted = stands(other())
    await waitUntil(() => isOver, 3_000)
    return [await stands(client.query('commit')), await acted]
  } finally {
    await client.end()
  }
}
