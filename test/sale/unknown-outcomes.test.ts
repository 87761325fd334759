/**
 * The database going away in the middle of a write: the caller hears the right answer or "ask by
 * key", the key tells the truth, and the same call sent again ends right, with one effect.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type PostgresProxy,
  type ProxyFault,
  startPostgresProxy,
} from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'
import {
  type Api,
  control,
  openSaleSystem,
  persist,
  refusalOf,
  type SaleSystem,
} from '../support/sale-system.ts'
import {
  buy,
  confirm,
  expectMoneyAndTicketsAgree,
  hold,
  ledgerOf,
  orderRow,
  runOut,
  seats,
  start,
  visa,
} from './buying.ts'

let proxy: PostgresProxy
let system: SaleSystem
let ann: Api
let event: string
beforeAll(async () => {
  system = await openSaleSystem({
    databaseVia: async (url) => {
      proxy = await startPostgresProxy(url)
      return proxy.url
    },
  })
  ann = await system.fan('ann')
})
beforeEach(async () => {
  event = await system.newEvent({ limitPerBuyer: 4 })
})
afterEach(async () => {
  proxy.calm()
  proxy.open(true)
  await expectMoneyAndTicketsAgree(system)
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

const error = (code: string, done: boolean): ProxyFault => ({ kind: 'error', code, done })

const faults: readonly (readonly [name: string, fault: ProxyFault, done: boolean])[] = [
  ['cut before the effect', { kind: 'cut-before' }, false],
  ['cut after the effect', { kind: 'cut-after' }, true],
  ['cut in the middle of the reply', { kind: 'cut-in-reply' }, true],
  ['40003 without the effect', error('40003', false), false],
  ['40003 after the effect', error('40003', true), true],
  ['XXUUU without the effect', error('XXUUU', false), false],
  ['XXUUU after the effect', error('XXUUU', true), true],
]

/** The answer, or OUTCOME_UNKNOWN: nothing else may be said. */
async function answerOrUnknown<T>(call: Promise<T>): Promise<T | null> {
  return call.catch(async (cause: unknown) => {
    const refused = await refusalOf(Promise.reject(cause))
    expect(refused).toMatchObject({ code: 'OUTCOME_UNKNOWN', transient: true })
    return null
  })
}

describe.each(faults)('%s', (_, fault, done) => {
  it('while seats are held', async () => {
    const wish = { event, key: randomUUID(), seats: seats(1, 2) }
    proxy.strike('hold.place', fault)
    const first = await answerOrUnknown(ann.holds.place.mutate(wish))
    expect(proxy.felt()).toBe(1)
    expect(first !== null).toBe(done)
    const again = await persist(() => ann.holds.place.mutate(wish))
    expect(again.lines.map(({ unit }) => unit)).toEqual([1, 2])
    expect((await hold(ann, event, [3, 4])).lines).toHaveLength(2)
    expect(await refusalOf(hold(ann, event, [5]))).toMatchObject({ code: 'LIMIT_REACHED' })
  })

  it('while checkout starts', async () => {
    const key = randomUUID()
    const { token } = await hold(ann, event, { units: [1], key })
    proxy.strike('sale.start-orders', fault)
    const first = await answerOrUnknown(ann.checkout.start.mutate({ holdToken: token }))
    expect(proxy.felt()).toBe(1)
    expect(first !== null).toBe(done)
    const asked = ann.orders.getByKey.query({ event, key })
    if (done) expect(await asked).toMatchObject({ state: 'pending' })
    else expect(await refusalOf(asked)).toMatchObject({ code: 'NOT_FOUND' })
    const { order } = await persist(() => ann.checkout.start.mutate({ holdToken: token }))
    expect((await confirm(ann, order.id)).order.state).toBe('paid')
    expect(await ledgerOf(system, order.id)).toHaveLength(1)
  })

  it('while the sale completes', async () => {
    const key = randomUUID()
    const { order } = await start(ann, event, { units: [1], key })
    proxy.strike('sale.complete-orders', fault)
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    await answerOrUnknown(ann.checkout.confirm.mutate(wish))
    expect(proxy.felt()).toBe(1)
    const paid = await persist(() => ann.checkout.confirm.mutate(wish))
    expect(paid.order).toMatchObject({ state: 'paid', tickets: { length: 1 } })
    expect(await ann.orders.getByKey.query({ event, key })).toEqual(paid.order)
  })

  it('while late money completes', async () => {
    const order = await authorizedTooLate()
    proxy.strike('sale.complete-late-order', fault)
    const status = () => ann.checkout.status.query({ order })
    await answerOrUnknown(status())
    expect(proxy.felt()).toBe(1)
    expect((await persist(status)).order).toMatchObject({ state: 'paid', tickets: { length: 1 } })
  })

  it('while an order ends', async () => {
    const { order } = await start(ann, event, [1])
    await runOut(system, order.id)
    proxy.strike('sale.void-orders', fault)
    const status = () => ann.checkout.status.query({ order: order.id })
    await answerOrUnknown(status())
    expect(proxy.felt()).toBe(1)
    expect((await persist(status)).order).toMatchObject({ state: 'void', voidReason: 'expired' })
  })
})

describe('when even the truth cannot be read', () => {
  it.each(['sale.start-orders', 'hold.place'])('%s stays unknown', async (statement) => {
    const wish = { event, key: randomUUID(), seats: seats(1) }
    const { token } = await hold(ann, event, [2])
    proxy.strike(statement, { kind: 'cut-after' })
    for (const read of ['orders.find', 'hold.find', 'hold.facts']) {
      proxy.strike(read, { kind: 'cut-before' }, 1_000)
    }
    const call =
      statement === 'hold.place'
        ? ann.holds.place.mutate(wish)
        : ann.checkout.start.mutate({ holdToken: token })
    expect(await refusalOf(call)).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  })
})

describe('a reply that is late', () => {
  it('is waited for, and nobody else waits with it', async () => {
    const { token } = await hold(ann, event, [1])
    proxy.strike('sale.start-orders', { kind: 'stall' })
    const late = ann.checkout.start.mutate({ holdToken: token })
    await eventually(() => proxy.felt() === 1, { what: 'the reply held back' })
    const bob = await system.fan('bob')
    const other = await system.newEvent()
    expect((await buy(bob, other, [1])).state).toBe('paid')
    proxy.calm()
    expect((await confirm(ann, (await late).order.id)).order.state).toBe('paid')
  })
})

describe('serialization failures', () => {
  it('are run again, and counted', async () => {
    const { token } = await hold(ann, event, [1])
    const before = await attempts('sale.start-orders', 'retry')
    proxy.strike('sale.start-orders', error('40001', false), limits.transactionAttemptsMax - 1)
    const { order } = await ann.checkout.start.mutate({ holdToken: token })
    expect(order.state).toBe('pending')
    const after = await attempts('sale.start-orders', 'retry')
    expect(after - before).toBe(limits.transactionAttemptsMax - 1)
  })

  it('without an end are refused as contention, and nothing is done', async () => {
    const { token } = await hold(ann, event, [1])
    proxy.strike('sale.start-orders', error('40001', false), 1_000)
    const refused = await refusalOf(ann.checkout.start.mutate({ holdToken: token }))
    expect(refused).toMatchObject({ code: 'CONTENTION', transient: true })
    expect(proxy.felt()).toBe(limits.transactionAttemptsMax)
    proxy.calm()
    const { order } = await ann.checkout.start.mutate({ holdToken: token })
    expect((await confirm(ann, order.id)).order.state).toBe('paid')
  })

  it('at the completion leave the order as it was, to be settled again', async () => {
    const { order } = await start(ann, event, [1])
    proxy.strike('sale.complete-orders', error('40P01', false), 1_000)
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    const refused = await refusalOf(ann.checkout.confirm.mutate(wish))
    expect(refused).toMatchObject({ code: 'CONTENTION' })
    expect(await orderRow(system, order.id)).toMatchObject({ state: 'pending', payment: 'pending' })
    proxy.calm()
    expect((await ann.checkout.confirm.mutate(wish)).order.state).toBe('paid')
  })
})

describe('a database that', () => {
  it('became read-only is away for the moment, and nothing was done', async () => {
    const key = randomUUID()
    const { token } = await hold(ann, event, { units: [1], key })
    proxy.strike('sale.start-orders', error('25006', false))
    const refused = await refusalOf(ann.checkout.start.mutate({ holdToken: token }))
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', transient: true })
    const asked = ann.orders.getByKey.query({ event, key })
    expect(await refusalOf(asked)).toMatchObject({ code: 'NOT_FOUND' })
    await ann.checkout.start.mutate({ holdToken: token })
  })

  it('is gone for a while loses nothing', async () => {
    const { order } = await start(ann, event, [1])
    proxy.open(false)
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    const refused = await refusalOf(ann.checkout.confirm.mutate(wish))
    expect(refused).toMatchObject({ code: 'UNAVAILABLE' })
    proxy.open(true)
    expect((await persist(() => ann.checkout.confirm.mutate(wish))).order.state).toBe('paid')
  })
})

/** Nobody but the fan will ask for it. */
async function authorizedTooLate(): Promise<string> {
  await control(system.simulator, 'faults', { kind: 'webhook_lost' })
  const { order } = await start(ann, event, [1])
  await confirm(ann, order.id, { paymentMethod: 'pm_card_threeDSecure2Required' })
  await runOut(system, order.id)
  const [line] = await ledgerOf(system, order.id)
  const approved = `payment_intents/${line?.intent}/authentication`
  await control(system.simulator, approved, { outcome: 'approve' })
  await control(system.simulator, 'faults', 'delete')
  return order.id
}

/** As /metrics tells it. */
async function attempts(name: string, outcome: string): Promise<number> {
  const text = await (await fetch(system.metricsUrl)).text()
  const line = text
    .split('\n')
    .find((each) => each.includes(`name="${name}"`) && each.includes(`outcome="${outcome}"`))
  return Number(line?.split(' ')[1] ?? 0)
}
