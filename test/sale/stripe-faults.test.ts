/**
 * Stripe failing at each step: every call ends in the right refusal, and the order then, by its
 * repetition or by the reconciler alone, in tickets with captured money or in neither.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
  confirm,
  expectMoneyAndTicketsAgree,
  hold,
  ledgerOf,
  orderRow,
  remind,
  runOut,
  start,
  visa,
} from './buying.ts'

let system: SaleSystem
let ann: Api
let event: string
beforeAll(async () => {
  system = await openSaleSystem({ webhooks: false, settings: { STRIPE_TIMEOUT_MS: '400' } })
  ann = await system.fan('ann')
})
beforeEach(async () => {
  event = await system.newEvent()
})
afterEach(async () => {
  await control(system.simulator, 'faults', 'delete')
  await expectMoneyAndTicketsAgree(system)
})
afterAll(() => system[Symbol.asyncDispose]())

const faults = [
  'timeout_before',
  'timeout_after_success',
  'error_500',
  'error_500_after_success',
  'rate_limit',
  'connection_reset',
  'connection_reset_after_success',
] as const

const paths = {
  create: '/v1/payment_intents',
  confirm: '/v1/payment_intents/*/confirm',
  capture: '/v1/payment_intents/*/capture',
  cancel: '/v1/payment_intents/*/cancel',
} as const

async function fault(kind: string, step: keyof typeof paths, times = 1): Promise<void> {
  const wish = { kind, times, method: 'POST', path: paths[step], delayMs: 1_000 }
  await control(system.simulator, 'faults', wish)
}

async function felt(): Promise<number> {
  const { rules } = await control<{ rules: { felt: number }[] }>(system.simulator, 'faults')
  return rules.reduce((sum, rule) => sum + rule.felt, 0)
}

/** A refusal, if there is one, may only be that payments are away for the moment. */
async function triedOnce(call: Promise<unknown>): Promise<void> {
  const refused = await refusalOf(call).catch((cause: Error) => {
    if (cause.message === 'The call was not refused') return null
    throw cause
  })
  if (refused !== null) {
    expect(refused).toMatchObject({ code: 'PAYMENT_UNAVAILABLE', transient: true })
  }
}

describe.each(faults)('%s', (kind) => {
  it('at the creation of the intent: the hold stays, and the repetition starts', async () => {
    const { token } = await hold(ann, event, [1])
    await fault(kind, 'create')
    await triedOnce(ann.checkout.start.mutate({ holdToken: token }))
    expect(await felt()).toBe(1)
    const { order } = await persist(() => ann.checkout.start.mutate({ holdToken: token }))
    expect((await confirm(ann, order.id)).order.state).toBe('paid')
    const authorized = (await ledgerOf(system, order.id)).filter((line) => line.authorized > 0)
    expect(authorized).toHaveLength(1)
  })

  it('at the confirmation: the repetition completes, and nothing is charged twice', async () => {
    const { order } = await start(ann, event, [1])
    await fault(kind, 'confirm')
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    await triedOnce(ann.checkout.confirm.mutate(wish))
    expect(await felt()).toBe(1)
    expect((await persist(() => ann.checkout.confirm.mutate(wish))).order.state).toBe('paid')
    await expectMoneyAndTicketsAgree(system)
    expect(await ledgerOf(system, order.id)).toMatchObject([{ authorized: 5_000, captured: 5_000 }])
  })

  it('at the confirmation, and the fan is gone: the reminder settles it', async () => {
    const { order } = await start(ann, event, [1])
    await fault(kind, 'confirm')
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    await triedOnce(ann.checkout.confirm.mutate(wish))
    await runOut(system, order.id)
    await remind(system, order.id)
    await expectMoneyAndTicketsAgree(system)
    const [line] = await ledgerOf(system, order.id)
    const { state } = await orderRow(system, order.id)
    expect(state).toBe((line?.authorized ?? 0) > 0 ? 'paid' : 'void')
  })
})

describe('each of these faults, once', () => {
  const orders = () => Promise.all(faults.map((_, unit) => start(ann, event, [unit])))

  it('at the capture: all are made up for', async () => {
    const started = await orders()
    for (const kind of faults) await fault(kind, 'capture')
    for (const { order } of started) await confirm(ann, order.id)
    await eventually(async () => (await felt()) === faults.length, { what: 'the faults felt' })
    await expectMoneyAndTicketsAgree(system)
    const paid = await Promise.all(started.map(({ order }) => orderRow(system, order.id)))
    expect(paid.map(({ payment }) => payment)).toEqual(faults.map(() => 'captured'))
  })

  it('at the cancellation: all are made up for', async () => {
    const started = await orders()
    for (const kind of faults) await fault(kind, 'cancel')
    for (const { order } of started) {
      await runOut(system, order.id)
      await remind(system, order.id)
    }
    await eventually(async () => (await felt()) === faults.length, { what: 'the faults felt' })
    await expectMoneyAndTicketsAgree(system)
    const lines = await Promise.all(started.map(({ order }) => ledgerOf(system, order.id)))
    expect(lines.flat().map(({ status }) => status)).toEqual(faults.map(() => 'canceled'))
  })
})

describe('a stored 500', () => {
  /** Of a wish: those that last, and that of the moment. */
  const keys = 4

  it('that follows each fresh key ends in a refusal, and in no charge', async () => {
    const { order } = await start(ann, event, [1])
    await fault('error_500', 'confirm', keys)
    const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
    const refused = await refusalOf(ann.checkout.confirm.mutate(wish))
    expect(refused).toMatchObject({ code: 'PAYMENT_UNAVAILABLE', retryAfterMs: 2_000 })
    expect(await felt()).toBe(keys)
    expect((await confirm(ann, order.id)).order.state).toBe('paid')
  })

  it.each(['error_500', 'error_500_after_success'])(
    'under every key of a wish (%s) does not say for ever that payments are away',
    async (kind) => {
      const { token } = await hold(ann, event, [1])
      const starting = () => ann.checkout.start.mutate({ holdToken: token })
      await fault(kind, 'create', keys)
      expect(await refusalOf(starting())).toMatchObject({ code: 'PAYMENT_UNAVAILABLE' })
      const { order } = await persist(starting)
      await fault('error_500', 'confirm', keys)
      const wish = { order: order.id, key: randomUUID(), paymentMethod: visa }
      const confirming = () => ann.checkout.confirm.mutate(wish)
      expect(await refusalOf(confirming())).toMatchObject({ code: 'PAYMENT_UNAVAILABLE' })
      expect((await persist(confirming)).order.state).toBe('paid')
      expect(await felt()).toBe(2 * keys)
      const charged = (await ledgerOf(system, order.id)).filter((line) => line.authorized > 0)
      expect(charged).toHaveLength(1)
    },
  )
})

describe('an order that ends while its card is being authorized', () => {
  it('has no tickets without money, however late its cancellation comes', async () => {
    const { order } = await start(ann, event, [1])
    await confirm(ann, order.id, { paymentMethod: 'pm_card_threeDSecure2Required' })
    await runOut(system, order.id)
    await control(system.simulator, 'faults', { kind: 'slow', path: paths.cancel, delayMs: 300 })
    const ending = ann.checkout.status.query({ order: order.id })
    await eventually(async () => (await felt()) > 0, { what: 'the cancellation on its way' })
    const [line] = await ledgerOf(system, order.id)
    const approved = `payment_intents/${line?.intent}/authentication`
    await control(system.simulator, approved, { outcome: 'approve' })
    await ann.checkout.status.query({ order: order.id })
    await ending
    await expectMoneyAndTicketsAgree(system)
    expect(await ledgerOf(system, order.id)).toMatchObject([{ captured: 0, voided: 5_000 }])
  })
})
