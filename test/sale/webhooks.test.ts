/**
 * Webhooks are hints: doubled, reordered, lost or forged they change nothing about what an order
 * becomes, and without any of them the reconciler comes to the same end.
 */
import { randomUUID } from 'node:crypto'
import fastCheck from 'fast-check'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stripeGateway } from '../../server/gateways/stripe.ts'
import { systemClock } from '../../server/platform/clock.ts'
import type { EventId } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { startOrders } from '../../server/stores/sale/start-orders.ts'
import { eventually } from '../support/eventually.ts'
import {
  control,
  openSaleSystem,
  region,
  type SaleSystem,
  webhookSecret,
} from '../support/sale-system.ts'
import { confirm, expectMoneyAndTicketsAgree, orderRows, start } from './buying.ts'
import { groupToStart, orderOf } from './stores-under-test.ts'

const stripe = new Stripe('sk_test_for_signing')

function signed(payload: string, options: { secret?: string; timestamp?: number } = {}): string {
  const { secret = webhookSecret, timestamp } = options
  return stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    ...(timestamp === undefined ? {} : { timestamp }),
  })
}

async function deliver(system: SaleSystem, payload: string, signature: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
  const request = { method: 'POST', headers, body: payload }
  const response = await fetch(`${system.url}/webhooks/stripe`, request)
  await response.arrayBuffer()
  return response.status
}

describe('webhooks on their way', () => {
  it('may come twice, in any order, late, tampered with or never', async () => {
    await using system = await openSaleSystem()
    const event = await system.newEvent({ limitPerBuyer: 40 })
    const ann = await system.fan('ann')
    for (const kind of ['lost', 'doubled', 'delayed', 'reordered', 'tampered']) {
      const wish = { kind: `webhook_${kind}`, probability: 0.3, delayMs: 100 }
      await control(system.simulator, 'faults', wish)
    }
    const cards = ['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_threeDSecure2Required']
    await Promise.all(
      Array.from({ length: 18 }, async (_, unit) => {
        const { order } = await start(ann, event, [unit])
        await confirm(ann, order.id, { paymentMethod: cards[unit % 3] ?? '' }).catch(() => null)
      }),
    )
    await expectMoneyAndTicketsAgree(system)
    const states = (await orderRows(system)).map(({ state }) => state)
    expect(states.filter((state) => state === 'paid')).toHaveLength(6)
    expect(states.filter((state) => state === 'pending')).toHaveLength(12)
  })
})

describe('a stream of webhooks', () => {
  let system: SaleSystem
  let db: Database
  beforeAll(async () => {
    system = await openSaleSystem({ webhooks: false })
    db = openDatabase({
      url: system.databaseUrl,
      poolMax: 2,
      clock: systemClock,
      random: systemRandom,
    })
  })
  afterAll(async () => {
    await db[Symbol.asyncDispose]()
    await system[Symbol.asyncDispose]()
  })

  it('is believed when it is signed as it stands, and lately', async () => {
    const event = await system.newEvent()
    const [order = ''] = await authorizedPastTheServer(event, 1)
    const type = 'payment_intent.amount_capturable_updated'
    const nudge = { type, data: { object: { metadata: { order } } } }
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', ...nudge }, null, 2)
    const reserialized = JSON.stringify(JSON.parse(payload))
    const old = Math.floor(Date.now() / 1000) - 301
    expect(await deliver(system, payload, '')).toBe(400)
    expect(await deliver(system, payload, 't=1,v1=00')).toBe(400)
    expect(await deliver(system, payload, signed(payload, { secret: 'whsec_wrong' }))).toBe(400)
    expect(await deliver(system, payload, signed(payload, { timestamp: old }))).toBe(400)
    expect(await deliver(system, reserialized, signed(payload))).toBe(400)
    expect(await deliver(system, '{', signed('{'))).toBe(400)
    expect(await stateOf(order)).toBe('pending')
    expect(await deliver(system, payload, signed(payload))).toBe(200)
    await eventually(async () => (await stateOf(order)) === 'paid', { what: 'the order paid' })
  })

  it('about what is not ours is taken and forgotten', async () => {
    const objects = [
      {},
      { metadata: null },
      { metadata: { order: 'ord_use1_nonsense' } },
      { metadata: { order: `ord_use1_${'0'.repeat(26)}` } },
      { metadata: { order: `ord_zzz9_${'0'.repeat(26)}` } },
      { metadata: { order: "'; drop table orders --" } },
    ]
    for (const type of ['payment_intent.canceled', 'anything.new']) {
      for (const object of objects) {
        const payload = JSON.stringify({ type, data: { object } })
        expect(await deliver(system, payload, signed(payload))).toBe(200)
      }
    }
  })

  it('leads to one end in any order and number, order by order', async () => {
    const events = [await system.newEvent(), await system.newEvent()]
    const orders: string[] = []
    for (const event of events) orders.push(...(await authorizedPastTheServer(event, 60)))
    const { events: stream } = await control<{ events: object[] }>(
      system.simulator,
      'state?limit=10000',
    )
    const ours = stream
      .map((each) => JSON.stringify(each))
      .filter((text) => text.includes('"order"'))
    expect(ours.length).toBeGreaterThan(2 * orders.length)
    const [shuffled = []] = fastCheck.sample(
      fastCheck.shuffledSubarray([...ours, ...ours], { minLength: 2 * ours.length }),
      { numRuns: 1, seed: 7 },
    )
    for (let from = 0; from < shuffled.length; from += 32) {
      const batch = shuffled.slice(from, from + 32)
      await Promise.all(batch.map((payload) => deliver(system, payload, signed(payload))))
    }
    await eventually(async () => (await unpaid(orders)) === 0, { what: 'all paid' })
    await expectMoneyAndTicketsAgree(system)
  })

  it('is not needed at all: the reminder finds what was authorized', async () => {
    const event = await system.newEvent()
    const orders = await authorizedPastTheServer(event, 100)
    await system.sql(
      `update outbox set due_at = now() where region = $1 and kind = 'order.started'
         and done_at is null`,
      [region],
    )
    await eventually(async () => (await unpaid(orders)) === 0, { what: 'all paid' })
    await expectMoneyAndTicketsAgree(system)
  })

  /** Orders of one unit each whose cards were authorized without the server hearing of it. */
  async function authorizedPastTheServer(event: string, count: number): Promise<string[]> {
    const { hostname: host, port } = new URL(system.simulator.url)
    const payments = stripeGateway(
      new Stripe('sk_test_x', { host, port, protocol: 'http', telemetry: false }),
      'http://127.0.0.1/',
    )
    const orders = Array.from({ length: count }, (_, unit) =>
      orderOf(event as EventId, [unit], `buyer ${unit}`),
    )
    const intents = await Promise.all(
      orders.map(({ id }) => payments.create({ id, total: { amount: 100, currency: 'EUR' } })),
    )
    for (let from = 0; from < count; from += 64) {
      const group = groupToStart(event as EventId, orders.slice(from, from + 64))
      const withIntents = group.orders.map((order, at) => ({
        ...order,
        intentId: intents[from + at]?.id ?? null,
      }))
      await startOrders(db, { ...group, epoch: 1, orders: withIntents })
    }
    await Promise.all(
      intents.map(({ id }) =>
        payments.confirm({ intentId: id, paymentMethod: 'pm_card_visa', key: randomUUID() }),
      ),
    )
    return orders.map(({ id }) => id)
  }

  async function stateOf(order: string): Promise<string | undefined> {
    const text = 'select state from orders where region = $1 and id = $2'
    return (await system.sql<{ state: string }>(text, [region, order]))[0]?.state
  }

  async function unpaid(orders: readonly string[]): Promise<number> {
    const [row] = await system.sql<{ count: number }>(
      `select count(*)::int4 as count from orders
       where region = $1 and id = any($2) and state <> 'paid'`,
      [region, orders],
    )
    return row?.count ?? 0
  }
})
