/**
 * What a hold costs, and that it does not grow: 1,000 holds of 2 units on an event of 100,000
 * units, one after the other, in both hold books, beside what the machine's Redis and PostgreSQL
 * answer at all in the same minute. Starts servers of its own and takes them away.
 *
 *   npx tsx bench/holds.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { migrate } from '../migrations/migrate.ts'
import { startPostgres } from '../regions/local/postgres.ts'
import { startRedis } from '../regions/local/redis.ts'
import type { SeatRequest } from '../server/domain/hold.ts'
import type { HoldBook, HoldScope, HoldWish } from '../server/domain/hold-book.ts'
import type { Row, SeatMap } from '../server/domain/seat-map.ts'
import { openRedis, whenReady } from '../server/gateways/redis-hold-book/connection.ts'
import { RedisHoldBook } from '../server/gateways/redis-hold-book/redis-hold-book.ts'
import { systemClock } from '../server/platform/clock.ts'
import { type EventId, IdMaker, orderIdFor } from '../server/platform/ids.ts'
import { systemRandom } from '../server/platform/random.ts'
import { openDatabase } from '../server/stores/database.ts'
import { readInventorySnapshot } from '../server/stores/inventory-snapshot.ts'
import { SqlHoldBook } from '../server/stores/sql-hold-book/sql-hold-book.ts'

const holds = 1_000
const edge = 100
const units = 100_000
const region = 'us-east1'
const folder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))

const postgres = await startPostgres({ dataFolder: join(folder, 'postgres'), durable: false })
const redisServer = await startRedis({ dataFolder: join(folder, 'redis'), durable: false })
try {
  await measure()
} finally {
  await postgres[Symbol.asyncDispose]()
  await redisServer?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  await migrate({ url: postgres.url, regions: [{ name: region }] })
  const ports = { clock: systemClock, random: systemRandom }
  await using db = openDatabase({ url: postgres.url, poolMax: 4, ...ports })
  const fixtures = new Pool({ connectionString: postgres.url, max: 1 })
  fixtures.on('error', () => undefined)
  await fixtures.query('insert into authority values ($1, $2, 1)', [region, region])
  print('one at a time, in ms a call      first 100   last 100   calls/s')
  if (redisServer !== null) {
    const redis = openRedis({ url: redisServer.url, onError: () => undefined })
    await whenReady(redis, 10_000)
    const load = (scope: HoldScope) => readInventorySnapshot(db, scope, 'fresh')
    const book = new RedisHoldBook({ redis, load, random: systemRandom })
    await series('Redis: PING', () => redis.ping())
    await holdSeries('Redis', book, fixtures)
    await series('Redis: PING', () => redis.ping())
    redis.disconnect()
  } else {
    print('no Redis on this machine: npm run setup brings one')
  }
  await series('PostgreSQL: select 1', () => db.pool.query('select 1'))
  await holdSeries('SQL', new SqlHoldBook({ db }), fixtures)
  await series('PostgreSQL: select 1', () => db.pool.query('select 1'))
  await fixtures.end()
}

async function holdSeries(name: string, book: HoldBook, fixtures: Pool): Promise<void> {
  const scope = await newEvent(fixtures)
  await book.availability(scope)
  const named = (n: number): SeatRequest => ({ kind: 'units', units: [2 * n, 2 * n + 1] })
  await series(`${name}: 2 units by name`, (n) => placed(book, scope, { n, request: named(n) }))
  const best = { kind: 'best', sections: [40, 41, 42], count: 2 } as const
  await series(`${name}: best 2 of 3 sections`, (n) =>
    placed(book, scope, { n: holds + n, request: best }),
  )
}

async function placed(
  book: HoldBook,
  scope: HoldScope,
  asked: { readonly n: number; readonly request: SeatRequest },
): Promise<void> {
  const buyer = `fan ${asked.n}`
  const wish: HoldWish = {
    id: orderIdFor({ event: scope.event, buyer, key: 'bench' }),
    buyer,
    request: asked.request,
    digest: 'bench',
    terms: { currency: 'EUR', prices: [{ section: 0, tier: 'a', price: 5_000, fee: 0 }] },
    ttlMs: 600_000,
    capMs: 1_200_000,
  }
  const outcome = await book.place(scope, wish)
  if (outcome.kind !== 'held') throw new Error(`not held: ${outcome.kind}`)
}

async function series(name: string, call: (n: number) => Promise<unknown>): Promise<void> {
  const tookMs: number[] = []
  for (let n = 0; n < holds; n += 1) {
    const startedMs = systemClock.monotonicMs()
    await call(n)
    tookMs.push(systemClock.monotonicMs() - startedMs)
  }
  const total = tookMs.reduce((sum, ms) => sum + ms, 0)
  const cells = [median(tookMs.slice(0, edge)), median(tookMs.slice(-edge))]
  const [first, last] = cells.map((ms) => ms.toFixed(3).padStart(10))
  const rate = String(Math.round((holds * 1_000) / total)).padStart(9)
  print(`${name.padEnd(32)} ${first} ${last} ${rate}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** 100 sections of 1,000 seats; all on sale and free. */
async function newEvent(fixtures: Pool): Promise<HoldScope> {
  const ids = new IdMaker({ clock: systemClock, random: systemRandom })
  const event: EventId = ids.regional('evt', 'use1')
  await fixtures.query(
    `insert into claims (region, event_id, unit, state, version)
     select a.region, $2, u, 'free', 1 from authority a cross join generate_series(0, $3 - 1) as u
     where a.region = $1`,
    [region, event, units],
  )
  return { event, region, epoch: 1, seatMap: arena(), limitPerBuyer: 10 }
}

function arena(): SeatMap {
  const sections = Array.from({ length: 100 }, (_, section) => {
    const firstUnit = section * 1_000
    const rows = Array.from({ length: 25 }, (_row, row) => rowOf(firstUnit + row * 40, row))
    return { kind: 'seated' as const, name: `S${section}`, firstUnit, units: 1_000, rows }
  })
  return { name: 'bench', units, sections }
}

function rowOf(firstUnit: number, row: number): Row {
  const seats = Array.from({ length: 40 }, (_, seat) => ({
    name: `${seat}`,
    x: seat * 0.5,
    y: row,
  }))
  return { name: `${row}`, firstUnit, seats }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
