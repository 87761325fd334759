/**
 * Plans of the hot statements must not depend on statistics: on an empty database, on a full one
 * before and after ANALYZE, as prepared (generic) and with values, they meet rows by their keys.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HoldScope, HoldWish } from '../../server/domain/hold-book.ts'
import { type EventId, type OrderId, orderIdFor } from '../../server/platform/ids.ts'
import type { Database } from '../../server/stores/database.ts'
import { readAlready } from '../../server/stores/sale/buyer-already-has.ts'
import { completeLateOrder } from '../../server/stores/sale/complete-late-order.ts'
import { completeOrders } from '../../server/stores/sale/complete-orders.ts'
import { findOrder } from '../../server/stores/sale/orders.ts'
import { claimDuties, listDue, markDone, postpone } from '../../server/stores/sale/outbox.ts'
import { markCaptured } from '../../server/stores/sale/payments.ts'
import { startOrders } from '../../server/stores/sale/start-orders.ts'
import { listTickets } from '../../server/stores/sale/tickets.ts'
import { voidOrders } from '../../server/stores/sale/void-orders.ts'
import { readSaleFacts } from '../../server/stores/sale/why-refused.ts'
import { SqlHoldBook } from '../../server/stores/sql-hold-book/sql-hold-book.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { region } from '../support/sale-system.ts'
import { planFaults } from './plan-faults.ts'
import {
  epoch,
  groupToComplete,
  groupToStart,
  groupToVoid,
  lateOrderOf,
  openStores,
  orderOf,
  ordersOf,
  type Stores,
} from './stores-under-test.ts'

type Explained = { readonly 'QUERY PLAN': readonly Parameters<typeof planFaults>[0][] }

type Recorded = { readonly name: string; readonly text: string; readonly values: unknown[] }

let stores: Stores
let empty: Stores
let recorded: Map<string, Recorded>
beforeAll(async () => {
  stores = await openStores()
  empty = await openStores()
  recorded = await recordHotStatements(stores)
})
afterAll(async () => {
  await stores[Symbol.asyncDispose]()
  await empty[Symbol.asyncDispose]()
})

describe('every hot statement meets its rows by their keys', () => {
  it('of which there are these', () => {
    expect([...recorded.keys()].filter((name) => name.startsWith('sale.'))).toEqual([
      'sale.start-orders',
      'sale.complete-orders',
      'sale.complete-late-order',
      'sale.void-orders',
      'sale.why-refused',
      'sale.taken-units',
      'sale.buyer-already-has',
    ])
    expect(recorded.size).toBeGreaterThanOrEqual(19)
  })

  it('on an empty database', async () => {
    expect(await faultsOn(empty.url)).toEqual([])
  })

  it('on 100,000 units and 20,000 orders, before and after ANALYZE', async () => {
    const event = await stores.newEvent({ units: 100_000 })
    await fillWithOrders(stores, event, 20_000)
    expect(await faultsOn(stores.url)).toEqual([])
    await stores.sql('analyze')
    expect(await faultsOn(stores.url)).toEqual([])
  })

  it('and the check sees a scan and a loose condition', async () => {
    const seen = async (text: string) => {
      const [row] = await stores.sql<Explained>(`explain (format json) ${text}`)
      const [plan] = row?.['QUERY PLAN'] ?? []
      return plan === undefined ? [] : planFaults(plan)
    }
    expect(await seen('select 1 from claims')).toEqual(['scans claims'])
    const loose = "select version from claims where region = 'us-east1' and event_id = 'x'"
    expect(await seen(loose)).toEqual([expect.stringMatching(/^meets claims_pkey by/)])
    expect(await seen(`${loose} and unit > 3`)).toHaveLength(1)
    expect(await seen(`${loose} and unit = any('{1,2}')`)).toEqual([])
  })
})

/** Name and fault of each statement, planned with its values and planned as prepared. */
async function faultsOn(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const faults: string[] = []
    for (const { name, text, values } of recorded.values()) {
      for (const [how, given] of [
        ['format json', values],
        ['format json, generic_plan', []],
      ] as const) {
        const { rows } = await client.query<Explained>(`explain (${how}) ${text}`, [...given])
        for (const plan of rows[0]?.['QUERY PLAN'] ?? []) {
          const found = planFaults(plan, { listsDuties: name === 'outbox.due' })
          faults.push(...found.map((fault) => `${name} (${how}) ${fault}`))
        }
      }
    }
    return faults
  } finally {
    await client.end()
  }
}

/** Runs everything that a sale runs, once, and keeps what was sent with its values. */
async function recordHotStatements(of: Stores): Promise<Map<string, Recorded>> {
  const sent = new Map<string, Recorded>()
  const db = recordingDatabase(of.db, (query) => sent.set(query.name, query))
  const event = await of.newEvent()
  const [paid, ended] = [ordersOf(event, 8), [orderOf(event, [100, 101], 'zoe')]]
  const late = orderOf(event, [102, 103], 'yve')
  await startOrders(db, groupToStart(event, [...paid, ...ended, late]))
  await completeOrders(db, groupToComplete(event, paid))
  await completeLateOrder(db, lateOrderOf(event, late))
  await voidOrders(db, groupToVoid(event, ended))
  const [first] = paid
  if (first === undefined) throw new Error('there are orders')
  await findOrder(db, { region, id: first.id })
  await listTickets(db, { region, orders: [first.id] })
  await markCaptured(db, { region, order: first.id })
  await readSaleFacts(db, { region, event, buyer: first.buyer, units: [1, 2] })
  await readAlready(db, { region, event, buyer: first.buyer, beside: first.id })
  const [one = '', ...others] = (await listDue(db, { region, limit: 100 })).map(({ id }) => id)
  await claimDuties(db, { region, ids: [one, ...others] })
  await postpone(db, { region, id: one, delayMs: 1 })
  await markDone(db, { region, ids: [one, ...others] })
  await recordHolds(db, event)
  // No part of a sale: what fills a server's bitmap reads a whole event, by design.
  return new Map([...sent].filter(([name]) => !/^(inventory|clock|authority)\./.test(name)))
}

async function recordHolds(db: Database, event: EventId): Promise<void> {
  const seatMap = seatMapOf([{ kind: 'standing', units: 200 }])
  const scope: HoldScope = { event, region, epoch, seatMap, limitPerBuyer: 100 }
  const book = new SqlHoldBook({ db })
  const wish = (units: readonly number[], key: string = randomUUID()): HoldWish => ({
    id: orderIdFor({ event, buyer: 'eve', key }),
    buyer: 'eve',
    request: { kind: 'units', units },
    digest: key,
    terms: { currency: 'EUR', prices: [] },
    ttlMs: 60_000,
    capMs: 120_000,
  })
  const held = async (units: readonly number[]) => {
    const outcome = await book.place(scope, wish(units))
    if (outcome.kind !== 'held') throw new Error(`not held: ${outcome.kind}`)
    return outcome.hold
  }
  const hold = await held([150, 151])
  await book.place(scope, wish([150]))
  await book.find(scope, hold.id)
  await book.extend(scope, hold.id, 90_000)
  await book.reserve(scope, hold, 60_000)
  const settled = { id: hold.id, buyer: 'eve', units: hold.units }
  await book.convert(scope, settled)
  await book.free(scope, settled)
  await book.release(scope, (await held([160])).id)
  const unknown: OrderId = wish([170]).id
  await book.reserve(scope, { ...hold, id: unknown, units: [170] }, 60_000)
}

function recordingDatabase(db: Database, keep: (query: Recorded) => void): Database {
  const connect = async () => {
    const client = await db.pool.connect()
    return {
      query: (query: Recorded) => {
        keep(query)
        return client.query(query)
      },
      release: (broken: boolean) => client.release(broken),
    }
  }
  const query = (one: Recorded) => {
    keep(one)
    return db.staleCopy.pool.query(one)
  }
  return {
    ...db,
    pool: { connect } as unknown as Database['pool'],
    staleCopy: { ...db.staleCopy, pool: { query } as unknown as Database['pool'] },
  }
}

async function fillWithOrders({ sql }: Stores, event: EventId, count: number): Promise<void> {
  const numbers = `generate_series(1, ${count}) as n cross join authority a where a.region = $1`
  await sql(
    `insert into orders (region, id, event_id, buyer, state, units, lines, currency, total, digest,
       created_at, expires_at, paid_at, version)
     select a.region, 'o' || n, $2, 'b' || n % 5000, 'paid', 2, '[]', 'EUR', 100, 'd', now(), now(),
       now(), 2 from ${numbers}`,
    [region, event],
  )
  await sql(
    `insert into payments (region, order_id, intent_id, state, amount, currency, version, updated_at)
     select a.region, 'o' || n, 'pi', 'captured', 100, 'EUR', 3, now() from ${numbers}`,
    [region],
  )
  await sql(
    `insert into tickets (region, order_id, unit, event_id, state, code_epoch, issued_at)
     select a.region, 'o' || n, n * 2, $2, 'valid', 0, now() from ${numbers}`,
    [region, event],
  )
  await sql(
    `insert into outbox (region, id, kind, payload, tries, due_at, created_at, done_at)
     select a.region, 'order.paid:o' || n, 'order.paid', '{}', 1, now(), now(),
       case when n % 100 > 0 then now() end from ${numbers}`,
    [region],
  )
  await sql(
    `insert into holds (region, event_id, id, buyer, units, unit_numbers, digest, terms, state,
       created_at, expires_at, cap_at)
     select a.region, $2, 'o' || n, 'b' || n % 5000, 2, '{1}', 'd', '{}', 'converted', now(), now(),
       now() from ${numbers}`,
    [region, event],
  )
  await sql(
    `insert into event_sales (region, event_id, state, opens_at, closes_at, limit_per_buyer, version)
     select a.region, 'e' || n, 'published', now(), now(), 8, 1 from ${numbers}`,
    [region],
  )
}
