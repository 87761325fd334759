/**
 * The worker of the outbox: duties are leased, done by one worker at a time, repeated with back-off,
 * and none blocks another. Two workers here are two sets of services on one database.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Services } from '../../server/application/services.ts'
import type { OpenedServices } from '../../server/open-services.ts'
import { openServices } from '../../server/open-services.ts'
import type { Clock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { openLogger } from '../../server/platform/logger.ts'
import { claimDuties, listDue, markDone, postpone } from '../../server/stores/sale/outbox.ts'
import { finishOrders } from '../../server/workers/finish-orders.ts'
import { Reconciler } from '../../server/workers/reconciler.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, region, type SaleSystem } from '../support/sale-system.ts'
import { skipUnless } from '../support/skip.ts'
import { confirm, expectMoneyAndTicketsAgree, ledgerOf, remind, runOut, start } from './buying.ts'

let system: SaleSystem
const opened: OpenedServices[] = []
const workers: Services[] = []

/** The system's own worker finds nothing: what these tests make is not due for it. */
beforeAll(async () => {
  system = await openSaleSystem({ webhooks: false })
  const log = openLogger({ level: 'silent', region })
  for (let count = 0; count < 2; count += 1) {
    const one = await openServices(system.config, { log, telemetry: silentTelemetry() })
    opened.push(one)
    workers.push(one.services)
  }
})
afterAll(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]()
  await system[Symbol.asyncDispose]()
})

/** Another home region, which the system's own worker does not look after. */
const elsewhere = 'europe-west1'

beforeEach(() => system.sql('delete from outbox where region = $1', [elsewhere]))

function silentTelemetry() {
  const nothing = () => undefined
  return {
    port: 0,
    attempt: nothing,
    sold: nothing,
    held: nothing,
    duty: nothing,
    call: nothing,
    request: nothing,
    outbound: nothing,
    operation: nothing,
    count: nothing,
    oldestDue: nothing,
    watchPools: nothing,
    watchHoldBook: nothing,
    watchAuthority: nothing,
    watchClock: nothing,
    watchFollowing: nothing,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

type Seeded = { readonly kind?: string; readonly order?: string; readonly dueInMs?: number }

/** A duty of another region, about an order that may not exist. */
async function seed(id: string, { kind = 'order.paid', order = 'none', dueInMs = 0 }: Seeded = {}) {
  await system.sql(
    `insert into outbox (region, id, kind, payload, tries, due_at, created_at)
     values ($1, $2, $3, jsonb_build_object('order', $4::text), 0,
       now() + $5::int8 * interval '1 millisecond', now())`,
    [elsewhere, id, kind, order, dueInMs],
  )
}

type Row = { id: string; tries: number; due_in_ms: number; done: boolean }

async function rows(): Promise<Row[]> {
  return system.sql<Row>(
    `select id, tries, done_at is not null as done,
       (extract(epoch from due_at - now()) * 1000)::int4 as due_in_ms
     from outbox where region = $1 order by id`,
    [elsewhere],
  )
}

function workerOf(index: number): Services {
  const found = workers[index]
  if (found === undefined) throw new Error(`there is no worker ${index}`)
  return found
}

describe('a duty', () => {
  it('is claimed by one of many who try at once', async () => {
    const ids = Array.from({ length: 40 }, (_, number) => `duty ${number}`)
    for (const id of ids) await seed(id)
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        claimDuties(workerOf(number % 2).db, { region: elsewhere, ids }),
      ),
    )
    const claimed = claims.flat().map(({ id }) => id)
    expect(claimed).toHaveLength(ids.length)
    expect(new Set(claimed).size).toBe(ids.length)
  })

  it('is listed when due, oldest first, and not while it is leased, done or due later', async () => {
    await seed('c', { dueInMs: -1_000 })
    await seed('b', { dueInMs: -3_000 })
    await seed('a', { dueInMs: -2_000 })
    await seed('later', { dueInMs: 60_000 })
    const { db } = workerOf(0)
    const due = await listDue(db, { region: elsewhere, limit: 10 })
    expect(due.map(({ id }) => id)).toEqual(['b', 'a', 'c'])
    expect(due[0]?.overdueMs).toBeGreaterThanOrEqual(3_000)
    const [claimed] = await claimDuties(db, { region: elsewhere, ids: ['b', 'later'] })
    expect(claimed).toMatchObject({
      id: 'b',
      kind: 'order.paid',
      order: 'none',
      tries: 1,
      trace: '',
    })
    await markDone(db, { region: elsewhere, ids: ['a'] })
    const rest = await listDue(db, { region: elsewhere, limit: 10 })
    expect(rest.map(({ id }) => id)).toEqual(['c'])
    expect(await claimDuties(db, { region: elsewhere, ids: ['a', 'b'] })).toEqual([])
  })

  it('of a worker that died is another one`s when the lease has run out', async () => {
    await seed('orphan')
    const claim = (index: number) =>
      claimDuties(workerOf(index).db, { region: elsewhere, ids: ['orphan'] })
    expect(await claim(0)).toHaveLength(1)
    expect(await claim(1)).toHaveLength(0)
    const [leased] = await rows()
    expect(leased?.due_in_ms).toBeGreaterThan(limits.workerLeaseMs - 15_000)
    await system.sql(
      `update outbox set due_at = due_at - $2::int8 * interval '1 millisecond' where region = $1`,
      [elsewhere, limits.workerLeaseMs],
    )
    expect(await claim(1)).toMatchObject([{ id: 'orphan', tries: 2 }])
  })

  it('is put off for a while by whoever has it, and ends once', async () => {
    await seed('slow')
    const { db } = workerOf(0)
    await postpone(db, { region: elsewhere, id: 'slow', delayMs: 45_000.4 })
    expect((await rows())[0]?.due_in_ms).toBeGreaterThan(30_000)
    await markDone(db, { region: elsewhere, ids: ['slow'] })
    const [first] = await system.sql<{ done_at: Date }>(
      'select done_at from outbox where id = $1',
      ['slow'],
    )
    await markDone(db, { region: elsewhere, ids: ['slow'] })
    const [second] = await system.sql<{ done_at: Date }>(
      'select done_at from outbox where id = $1',
      ['slow'],
    )
    expect(second).toEqual(first)
  })
})

describe('a pass', () => {
  it('does what can be done, and puts off what fails for ever', async () => {
    const event = await system.newEvent()
    const ann = await system.fan('ann')
    const { order } = await start(ann, event, [1])
    await seed('bad order', { order: `ord_euw1_${'0'.repeat(26)}`, dueInMs: -5_000 })
    await seed('bad kind', { kind: 'order.danced', order: order.id, dueInMs: -4_000 })
    await seed('good', { kind: 'order.voided', order: 'here', dueInMs: -3_000 })
    await copyAsVoid(order.id, 'here')
    const worker = workerOf(0)
    expect(await finishOrders(worker, elsewhere)).toEqual({ handled: 3, more: false })
    const after = new Map((await rows()).map((row) => [row.id, row]))
    expect(after.get('good')).toMatchObject({ done: true, tries: 1 })
    for (const id of ['bad order', 'bad kind']) {
      expect(after.get(id)).toMatchObject({ done: false, tries: 1 })
      expect(after.get(id)?.due_in_ms).toBeGreaterThan(0)
      expect(after.get(id)?.due_in_ms).toBeLessThan(limits.dutyBackoffBaseMs * 3 + 1)
    }
    expect(await finishOrders(worker, elsewhere)).toEqual({ handled: 0, more: false })
  })

  it('backs off more the more often it has failed, up to a bound', async () => {
    await seed('bad')
    await system.sql('update outbox set tries = 500 where region = $1', [elsewhere])
    await finishOrders(workerOf(0), elsewhere)
    const [row] = await rows()
    const most = limits.dutyBackoffBaseMs + limits.dutyBackoffMaxMs
    expect(row).toMatchObject({ done: false, tries: 501 })
    expect(row?.due_in_ms).toBeLessThanOrEqual(most)
  })

  it('of two workers at once does each duty once', async () => {
    for (let count = 0; count < 30; count += 1) {
      await seed(`shared ${count}`, { kind: 'order.voided', order: 'here', dueInMs: -count })
    }
    const tried: string[] = []
    const noting = (worker: Services): Services => ({
      ...worker,
      metrics: { ...worker.metrics, duty: (_, outcome) => tried.push(outcome) },
    })
    const passes = await Promise.all(
      [0, 1].map((at) => finishOrders(noting(workerOf(at)), elsewhere)),
    )
    expect(passes.reduce((sum, { handled }) => sum + handled, 0)).toBe(30)
    expect(tried).toEqual(Array.from({ length: 30 }, () => 'done'))
    expect((await rows()).every(({ done, tries }) => done && tries === 1)).toBe(true)
  })

  it('leaves duties whose lease is running out to whoever comes next', async () => {
    for (let count = 0; count < 20; count += 1) {
      await seed(`many ${count}`, { kind: 'order.voided', order: 'here' })
    }
    let nowMs = 0
    const clock: Clock = { ...workerOf(0).clock, monotonicMs: () => nowMs }
    const slow: Services = {
      ...workerOf(0),
      clock,
      metrics: {
        ...workerOf(0).metrics,
        // The first duties took so long that the rest would begin too late.
        duty: () => {
          nowMs = limits.dutyBeginWithinMs
        },
      },
    }
    await finishOrders(slow, elsewhere)
    const done = (await rows()).filter((row) => row.done)
    expect(done.length).toBeLessThanOrEqual(limits.workerParallelMax)
    expect(done.length).toBeGreaterThan(0)
  })
})

describe('the money of an order', () => {
  it('does not wait for a hold book that is away', async (context) => {
    skipUnless(context, redisMissing())
    await using shop = await openSaleSystem({ book: 'redis', webhooks: false })
    const event = await shop.newEvent()
    const ann = await shop.fan('ann')
    const [paid, ended] = [await start(ann, event, [1]), await start(ann, event, [2])]
    await shop.redis?.kill()
    expect((await confirm(ann, paid.order.id)).order.state).toBe('paid')
    await runOut(shop, ended.order.id)
    await remind(shop, ended.order.id)
    await eventually(
      async () => {
        const [captured] = await ledgerOf(shop, paid.order.id)
        const [canceled] = await ledgerOf(shop, ended.order.id)
        return captured?.status === 'succeeded' && canceled?.status === 'canceled'
      },
      { what: 'one captured, one cancelled' },
    )
    await shop.redis?.start()
    await expectMoneyAndTicketsAgree(shop)
  })
})

describe('a reconciler', () => {
  it('passes at once when nudged, again after a failure, and ends with its pass', async () => {
    let passes = 0
    let finish = () => undefined as unknown
    const reconciler = new Reconciler({
      name: 'test',
      periodMs: 3_600_000,
      clock: workerOf(0).clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      pass: async () => {
        passes += 1
        if (passes === 2) throw new Error('a pass that fails')
        if (passes === 4) await new Promise((resolve) => (finish = () => resolve(null)))
        return { handled: 1, more: passes === 1 }
      },
    })
    await eventually(() => passes === 2, { what: 'a full pass followed by another' })
    reconciler.nudge()
    await eventually(() => passes === 3, { what: 'a pass after the nudge' })
    reconciler.nudge()
    await eventually(() => passes === 4, { what: 'another' })
    reconciler.nudge()
    const ended = reconciler[Symbol.asyncDispose]()
    finish()
    await ended
    expect(passes).toBe(4)
  })
})

/** The order again, as ended, in the region whose duties are done by hand here. */
async function copyAsVoid(order: string, copy: string): Promise<void> {
  await system.sql(
    `insert into authority (region, server_region, epoch) select $1, $2, 1
     where not exists (select 1 from authority where region = $1)`,
    [elsewhere, elsewhere],
  )
  await system.sql(
    `insert into orders (region, id, event_id, buyer, units, lines, currency, total, digest,
       created_at, expires_at, version, state)
     select a.region, $2, o.event_id, o.buyer, o.units, o.lines, o.currency, o.total, o.digest,
       o.created_at, o.expires_at, 2, 'void'
     from orders o cross join authority a where a.region = $3 and o.id = $1`,
    [order, copy, elsewhere],
  )
}
