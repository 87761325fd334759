/** The sale's stores on a real database: events to sell, orders as fixtures, and a look at every row. */
import { randomUUID } from 'node:crypto'
import { systemClock } from '../../server/platform/clock.ts'
import { type EventId, IdMaker, type OrderId, orderIdFor } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { statementLog } from '../../server/statement-log.ts'
import { type Database, type DatabaseMetrics, openDatabase } from '../../server/stores/database.ts'
import type { LateOrder } from '../../server/stores/sale/complete-late-order.ts'
import type { GroupToComplete } from '../../server/stores/sale/complete-orders.ts'
import type { GroupToStart } from '../../server/stores/sale/start-orders.ts'
import type { GroupToVoid } from '../../server/stores/sale/void-orders.ts'
import { createTestDatabase } from '../support/database.ts'
import { openFixtures, region, type Sql } from '../support/sale-system.ts'

export const epoch = 3

export type Stores = AsyncDisposable & {
  readonly db: Database
  readonly url: string
  /** Past the product's pool. */
  readonly sql: Sql
  /** How often a statement ended so, as the metrics count it: `sale.start-orders ok`. */
  readonly attempts: ReadonlyMap<string, number>
  /** On sale, all of its units free. */
  readonly newEvent: (facts?: { units?: number; limitPerBuyer?: number }) => Promise<EventId>
  /** Of every row of every table. */
  readonly checksum: () => Promise<string>
}

const ids = new IdMaker({ clock: systemClock, random: systemRandom })

export async function openStores(
  via: (url: string) => Promise<string> = (url) => Promise.resolve(url),
): Promise<Stores> {
  const database = await createTestDatabase()
  const pool = openFixtures(database.url)
  const recordings = process.env['STATEMENT_LOG']
  const attempts = new Map<string, number>()
  const metrics: DatabaseMetrics = {
    attempt: (name, outcome) => {
      const key = `${name} ${outcome}`
      attempts.set(key, (attempts.get(key) ?? 0) + 1)
    },
  }
  const db = openDatabase({
    url: await via(database.url),
    poolMax: 16,
    clock: systemClock,
    random: systemRandom,
    metrics,
    ...(recordings === undefined ? {} : { onStatement: statementLog(recordings) }),
  })
  const sql: Sql = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<Row>(text, [...values])).rows
  await sql('insert into authority (region, server_region, epoch) values ($1, $2, $3)', [
    region,
    region,
    epoch,
  ])
  return {
    db,
    url: database.url,
    sql,
    attempts,
    newEvent: (facts = {}) => newEvent(sql, facts),
    checksum: () => checksum(sql),
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await db[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function newEvent(sql: Sql, { units = 200, limitPerBuyer = 8 }): Promise<EventId> {
  const event = ids.regional('evt', 'use1')
  await sql(
    `insert into event_sales (region, event_id, state, opens_at, closes_at, limit_per_buyer, version)
     values ($1, $2, 'published', now() - interval '1 hour', now() + interval '1 hour', $3, 1)`,
    [region, event, limitPerBuyer],
  )
  await sql(
    `insert into claims (region, event_id, unit, state, version)
     select a.region, $2, u, 'free', 1
     from authority a cross join generate_series(0, $3::int4 - 1) as u where a.region = $1`,
    [region, event, units],
  )
  return event
}

async function checksum(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }>(
    `select tablename as name from pg_tables
     where schemaname = 'public' and tablename not like 'migration%' order by tablename`,
  )
  const sums = tables.map(
    ({ name }) => `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum
      from ${name} t`,
  )
  const rows = await sql<{ sum: string }>(sums.join(' union all '))
  return rows.map(({ sum }) => sum).join(' ')
}

export type GroupOrder = {
  readonly id: OrderId
  readonly buyer: string
  readonly units: readonly number[]
}

/** A new order of these units. */
export function orderOf(event: EventId, units: readonly number[], buyer = 'ann'): GroupOrder {
  return { id: orderIdFor({ event, buyer, key: randomUUID() }), buyer, units }
}

/** `count` orders of two units each, of as many buyers, from unit 0 on. */
export function ordersOf(event: EventId, count: number): GroupOrder[] {
  return Array.from({ length: count }, (_, number) =>
    orderOf(event, [2 * number, 2 * number + 1], `buyer ${number}`),
  )
}

export function groupToStart(event: EventId, orders: readonly GroupOrder[]): GroupToStart {
  return {
    region,
    epoch,
    event,
    currency: 'EUR',
    orders: orders.map(({ id, buyer, units }) => ({
      id,
      buyer,
      lines: units.map((unit) => ({ unit, tier: 'a', price: 100, fee: 0 })),
      total: units.length * 100,
      digest: 'digest',
      intentId: `pi_${id}`,
      trace: '',
    })),
  }
}

export function groupToComplete(event: EventId, orders: readonly GroupOrder[]): GroupToComplete {
  const paid = orders.map(({ id, units }) => ({ id, units, hasPayment: true, trace: '' }))
  return { region, epoch, event, orders: paid }
}

export function lateOrderOf(event: EventId, { id, buyer, units }: GroupOrder): LateOrder {
  const order = { id, units, hasPayment: true, trace: '' }
  return { region, epoch, event, buyer, order }
}

export function groupToVoid(event: EventId, orders: readonly GroupOrder[]): GroupToVoid {
  const ended = orders.map(({ id, units }) => ({ id, units, trace: '' }))
  return { region, epoch, event, reason: 'expired', orders: ended }
}

/** Makes a claim what a test wants to find. */
export async function setClaim(
  { sql }: Stores,
  event: EventId,
  claim: { unit: number; state: string; order?: string; endsInMs?: number },
): Promise<void> {
  const { unit, state, order = null, endsInMs = null } = claim
  await sql(
    `update claims set state = $4, order_id = $5, version = version + 1,
       expires_at = now() + $6::int8 * interval '1 millisecond'
     where region = $1 and event_id = $2 and unit = $3`,
    [region, event, unit, state, order, endsInMs],
  )
}
