/**
 * After the database was set back to an older moment: money whose order it has forgotten is found
 * and given back, nobody gets tickets for money that was given back, and what is right is left alone.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStripe } from '../../server/gateways/stripe.ts'
import { eventually } from '../support/eventually.ts'
import { type Api, openSaleSystem, region, type SaleSystem } from '../support/sale-system.ts'
import {
  buy,
  confirm,
  hold,
  ledgerOf,
  orderRow,
  quiescent,
  remind,
  runOut,
  start,
} from './buying.ts'

let system: SaleSystem
let ann: Api
let bob: Api
let event: string
beforeAll(async () => {
  system = await openSaleSystem({ webhooks: false })
  ann = await system.fan('ann')
  bob = await system.fan('bob')
})
beforeEach(async () => {
  event = await system.newEvent()
})
afterAll(() => system[Symbol.asyncDispose]())

/** As a database has it that was restored to a moment before the order was begun. */
async function forget(order: string): Promise<void> {
  const { sql } = system
  const at = [region, order]
  await sql(
    `update claims set state = 'free', order_id = null, expires_at = null
     where region = $1 and order_id = $2`,
    at,
  )
  for (const table of ['tickets', 'payments']) {
    await sql(`delete from ${table} where region = $1 and order_id = $2`, at)
  }
  await sql('delete from orders where region = $1 and id = $2', at)
  await sql('delete from holds where region = $1 and id = $2', at)
  await sql(`delete from outbox where region = $1 and payload ->> 'order' = $2`, at)
}

/** As it has it that was restored to a moment when the order waited for its money. */
async function setBack(order: string): Promise<void> {
  const { sql } = system
  const at = [region, order]
  await sql(`update orders set state = 'pending', paid_at = null where region = $1 and id = $2`, at)
  await sql(`update payments set state = 'pending' where region = $1 and order_id = $2`, at)
  await sql('delete from tickets where region = $1 and order_id = $2', at)
  await sql(
    `update claims set state = 'reserved', expires_at = now() + interval '5 minutes'
     where region = $1 and order_id = $2`,
    at,
  )
  await sql(`delete from outbox where region = $1 and id = 'order.paid:' || $2::text`, at)
}

type Line = { order: string; finding: string; done: boolean | null }

async function run(...more: string[]) {
  const since = new Date(Date.now() - 60_000).toISOString()
  const until = new Date(Date.now() + 60_000).toISOString()
  const program = ['--import', 'tsx', 'server/reconcile-payments.ts']
  const wish = ['--since', since, '--until', until, ...more]
  const env = {
    ...process.env,
    DATABASE_URL: system.databaseUrl,
    REGIONS: `${region}=use1`,
    STRIPE_SECRET_KEY: 'sk_test_of_the_tests',
    STRIPE_API_URL: system.simulator.url,
  }
  return await promisify(execFile)(process.execPath, [...program, ...wish], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (cause: { code: number; stdout: string; stderr: string }) => {
      if (cause.code === 1) return { code: 1, stdout: cause.stdout }
      throw new Error(cause.stderr)
    },
  )
}

async function reconcile(...more: string[]) {
  const ended = await run('--json', ...more)
  const lines = ended.stdout.split('\n').filter((line) => line !== '')
  const found = new Map(
    lines.map((text) => JSON.parse(text) as Line).map((line) => [line.order, line]),
  )
  return { code: ended.code, found }
}

describe('a database of an older moment', () => {
  it('money without an order is shown, and given back when asked for; the rest is left', async () => {
    const kept = await buy(ann, event, [0, 1])
    const lost = await buy(ann, event, [2])
    const open = (await start(bob, event, [3])).order
    await quiescent(system)
    await forget(lost.id)
    await forget(open.id)

    const looked = await reconcile()
    expect(looked.code).toBe(1)
    expect(looked.found.get(kept.id)).toMatchObject({ finding: 'agrees' })
    expect(looked.found.get(lost.id)).toMatchObject({ finding: 'refund', done: null })
    expect(looked.found.get(open.id)).toMatchObject({ finding: 'cancel', done: null })
    expect((await ledgerOf(system, lost.id))[0]).toMatchObject({ refunded: 0 })

    const said = await run()
    expect(said.code).toBe(1)
    expect(said.stdout).toMatch(
      new RegExp(`${lost.id}  no order  captured  [0-9]+ [A-Z]{3}  taken`),
    )

    const acted = await reconcile('--apply')
    expect(acted.code).toBe(0)
    expect(acted.found.get(lost.id)).toMatchObject({ finding: 'refund', done: true })
    const [given] = await ledgerOf(system, lost.id)
    expect(given).toMatchObject({ captured: given?.amount, refunded: given?.amount })
    expect((await ledgerOf(system, open.id))[0]).toMatchObject({ status: 'canceled' })
    expect((await ledgerOf(system, kept.id))[0]).toMatchObject({ refunded: 0 })

    const again = await reconcile('--apply')
    expect(again.code).toBe(0)
    expect(again.found.get(lost.id)).toMatchObject({ finding: 'agrees' })
  })

  it('a fan who asks again by the same key gets the lost order back, paid once', async () => {
    const key = randomUUID()
    const lost = (await start(ann, event, { units: [5], key })).order
    await confirm(ann, lost.id)
    await quiescent(system)
    await forget(lost.id)
    const { token } = await hold(ann, event, { units: [5], key })
    const { order } = await ann.checkout.start.mutate({ holdToken: token })
    expect(order.id).toBe(lost.id)
    expect((await ann.checkout.status.query({ order: order.id })).order.state).toBe('paid')
    expect(await ledgerOf(system, lost.id)).toHaveLength(1)
    expect((await ledgerOf(system, lost.id))[0]).toMatchObject({ refunded: 0 })
  })

  it('money that was given back pays for nothing any more, also under the same key', async () => {
    const key = randomUUID()
    const lost = (await start(ann, event, { units: [6], key })).order
    await confirm(ann, lost.id)
    await quiescent(system)
    await forget(lost.id)
    await reconcile('--apply')
    const { token } = await hold(ann, event, { units: [6], key })
    const { order } = await ann.checkout.start.mutate({ holdToken: token })
    expect((await ann.checkout.status.query({ order: order.id })).order.state).toBe('void')
    expect(await orderRow(system, lost.id)).toMatchObject({ state: 'void', tickets: 0 })
  })

  it('an order that ended though it was paid leaves no duty behind once its money is back', async () => {
    const late = await buy(ann, event, [7])
    await quiescent(system)
    await setBack(late.id)
    await runOut(system, late.id)
    await buy(bob, event, [7])
    await remind(system, late.id)
    await eventually(async () => (await orderRow(system, late.id)).state === 'void', {
      what: 'the order without its seats has ended',
    })
    const { found } = await reconcile('--apply')
    expect(found.get(late.id)).toMatchObject({ finding: 'refund', done: true })
    await system.sql(`update outbox set due_at = now() where id = 'order.voided:' || $1::text`, [
      late.id,
    ])
    await quiescent(system)
  })

  it('tickets whose money somebody gave back are named, and nothing is done to them', async () => {
    const sold = await buy(ann, event, [8])
    await quiescent(system)
    const stripe = openStripe({ secretKey: 'sk_test_by_hand', apiUrl: system.simulator.url })
    const { intent } = await orderRow(system, sold.id)
    await stripe.refunds.create({ payment_intent: String(intent) })
    const { code, found } = await reconcile('--apply')
    expect(code).toBe(1)
    expect(found.get(sold.id)).toMatchObject({ finding: 'unpaid', done: null })
    expect(await orderRow(system, sold.id)).toMatchObject({ state: 'paid', tickets: 1 })
  })
})
