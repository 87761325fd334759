/** What a hold book stands on in these tests: a real database with events that are on sale. */

import { Pool } from 'pg'
import type { HoldScope, SettledOrder } from '../../server/domain/hold-book.ts'
import type { SeatMap } from '../../server/domain/seat-map.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { type EventId, IdMaker } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { statementLog } from '../../server/statement-log.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { completeOrders } from '../../server/stores/sale/complete-orders.ts'
import { startOrders } from '../../server/stores/sale/start-orders.ts'
import { voidOrders } from '../../server/stores/sale/void-orders.ts'
import { createTestDatabase } from '../support/database.ts'

export const region = 'us-east1'
const epoch = 1

export type Backing = AsyncDisposable & {
  readonly db: Database
  /** For what tests prepare and look up: no statement of the product, so it is not recorded. */
  readonly fixtures: Pool
  /** A published event whose units are all free, open for sale. */
  newEvent(seatMap: SeatMap, limitPerBuyer?: number): Promise<HoldScope>
  /** A hold row for each unit, whose claims stay free: only to have many. */
  fill(scope: HoldScope): Promise<void>
  /** The order starts in SQL: pending, its units reserved. */
  start(scope: HoldScope, order: SettledOrder): Promise<void>
  /** A started order is paid in SQL. */
  pay(scope: HoldScope, order: SettledOrder): Promise<void>
  /** A started order ends in SQL. */
  cancel(scope: HoldScope, order: SettledOrder): Promise<void>
}

const ids = new IdMaker({ clock: systemClock, random: systemRandom })

export async function openBacking(): Promise<Backing> {
  const database = await createTestDatabase()
  const recordings = process.env['STATEMENT_LOG']
  const db = openDatabase({
    url: database.url,
    poolMax: 16,
    clock: systemClock,
    random: systemRandom,
    ...(recordings === undefined ? {} : { onStatement: statementLog(recordings) }),
  })
  const fixtures = new Pool({ connectionString: database.url, max: 2 })
  fixtures.on('error', () => undefined)
  await fixtures.query('insert into authority (region, server_region, epoch) values ($1, $2, $3)', [
    region,
    region,
    epoch,
  ])
  return {
    db,
    fixtures,
    newEvent: (seatMap, limitPerBuyer = 1_000_000) => newEvent(fixtures, seatMap, limitPerBuyer),
    fill: (scope) => fill(fixtures, scope),
    start: (scope, order) => start(db, scope, order),
    pay: async (scope, { id, units }) => {
      await completeOrders(db, { ...scope, orders: [{ id, units, hasPayment: false, trace: '' }] })
    },
    cancel: (scope, { id, units }) =>
      voidOrders(db, { ...scope, reason: 'expired', orders: [{ id, units, trace: '' }] }),
    async [Symbol.asyncDispose]() {
      await fixtures.end()
      await db[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function newEvent(
  fixtures: Pool,
  seatMap: SeatMap,
  limitPerBuyer: number,
): Promise<HoldScope> {
  const event: EventId = ids.regional('evt', 'use1')
  await fixtures.query(
    `insert into event_sales (region, event_id, state, opens_at, closes_at, limit_per_buyer, version)
     select region, $2, 'published', now() - interval '1 hour', now() + interval '1 day', $3, 1
     from authority where region = $1`,
    [region, event, limitPerBuyer],
  )
  await fixtures.query(
    `insert into claims (region, event_id, unit, state, version)
     select a.region, $2, u, 'free', 1 from authority a cross join generate_series(0, $3 - 1) as u
     where a.region = $1`,
    [region, event, seatMap.units],
  )
  return { event, region, epoch, seatMap, limitPerBuyer }
}

async function fill(fixtures: Pool, scope: HoldScope): Promise<void> {
  await fixtures.query(
    `insert into holds (region, event_id, id, buyer, units, unit_numbers, digest, terms, state,
       created_at, expires_at, cap_at)
     select a.region, $2, 'ord_use1_' || u, 'buyer ' || (u % 1000), 1, array[u], 'd', '{}', 'held',
       now(), now() + interval '1 hour', now() + interval '1 hour'
     from authority a cross join generate_series(0, $3 - 1) as u where a.region = $1`,
    [scope.region, scope.event, scope.seatMap.units],
  )
}

async function start(db: Database, scope: HoldScope, order: SettledOrder): Promise<void> {
  const { id, buyer, units } = order
  const lines = units.map((unit) => ({ unit, tier: 'a', price: 0, fee: 0 }))
  const started = { id, buyer, lines, total: 0, digest: 'd', intentId: null, trace: '' }
  await startOrders(db, { ...scope, currency: 'EUR', orders: [started] })
}
