/**
 * A buyer whose order ran out takes other places up to the limit; then the money of the first order
 * comes after all. It is let go: with the SQL hold book, and with Redis away, SQL alone can tell.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { redisMissing } from '../support/redis.ts'
import {
  type Api,
  control,
  openSaleSystem,
  persist,
  refusalOf,
  type SaleSystem,
} from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import {
  buy,
  confirm,
  expectMoneyAndTicketsAgree,
  forgetHolds,
  hold,
  ledgerOf,
  orderRow,
  orderRows,
  runOut,
  start,
} from './buying.ts'

const limitPerBuyer = 4
const first = [0, 1, 2, 3]
const second = [4, 5, 6, 7]
const rounds = 16

let system: SaleSystem

describe('with the sql hold book', () => {
  beforeAll(async () => {
    system = await openSaleSystem({ book: 'sql' })
  })
  afterEach(() => expectMoneyAndTicketsAgree(system))
  afterAll(() => system[Symbol.asyncDispose]())

  it('late money is let go when the buyer has bought the limit since', async () => {
    const { ann, event, late } = await lateOrder('ann')
    expect((await buy(ann, event, second)).state).toBe('paid')
    await expectLetGo(ann, late)
    expect(await paidUnits(event)).toBe(limitPerBuyer)
  })

  it('late money is let go while the buyer holds the limit', async () => {
    const { ann, event, late } = await lateOrder('ann')
    const { token } = await hold(ann, event, second)
    await expectLetGo(ann, late)
    const { order } = await persist(() => ann.checkout.start.mutate({ holdToken: token }))
    expect((await confirm(ann, order.id)).order.state).toBe('paid')
  })

  it('late money buys what the limit still allows', async () => {
    const { ann, event, late } = await lateOrder('ann', [0, 1])
    await buy(ann, event, [2, 3])
    const { order } = await ann.checkout.status.query({ order: late })
    expect(order).toMatchObject({ state: 'paid', tickets: { length: 2 } })
  })

  it('late money buys when the buyer`s other order has run out too', async () => {
    const { ann, event, late } = await lateOrder('ann')
    const other = (await start(ann, event, second)).order.id
    // As the database has it when nobody was told yet: its hold outlives the reservation.
    await system.sql(`update orders set expires_at = now() where id = $1`, [other])
    const { order } = await ann.checkout.status.query({ order: late })
    expect(order.state).toBe('paid')
    expect((await ann.checkout.status.query({ order: other })).order.state).toBe('void')
  })

  it('a lower limit takes nothing from a buyer who has nothing else', async () => {
    const { ann, event, late } = await lateOrder('ann')
    await system.sql('update event_sales set limit_per_buyer = 1 where event_id = $1', [event])
    expect((await ann.checkout.status.query({ order: late })).order.state).toBe('paid')
  })

  it('money that comes in the last moment counts as late: the reservation may be over by then', async () => {
    const { ann, event, late } = await lateOrder('ann')
    await buy(ann, event, second)
    const soon = "now() + interval '2 seconds'"
    await system.sql(`update orders set expires_at = ${soon} where id = $1`, [late])
    await expectLetGo(ann, late)
  })

  it('two late orders at once buy no more than the limit', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { ann, event, late } = await lateOrder(`twice${round}`)
      const other = await authorizedTooLate(ann, event, second)
      await Promise.all([late, other].map((order) => settled(ann, order)))
      expect(await paidUnits(event)).toBe(limitPerBuyer)
    }
  })

  it('late money and another purchase at once buy no more than the limit', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { ann, event, late } = await lateOrder(`racing${round}`)
      const begun = round % 2 === 0 ? null : (await start(ann, event, second)).order.id
      const bought = orCode(begun === null ? buy(ann, event, second) : paid(ann, begun))
      const [state, other] = await Promise.all([settled(ann, late), bought])
      expect([state, other]).toEqual(
        state === 'paid' ? ['paid', 'LIMIT_REACHED'] : ['void', 'paid'],
      )
      expect(await paidUnits(event)).toBe(limitPerBuyer)
    }
  })
})

describeUnless(redisMissing(), 'with the redis hold book away', () => {
  beforeAll(async () => {
    system = await openSaleSystem({ book: 'redis' })
  })
  afterEach(async () => {
    await expectMoneyAndTicketsAgree(system)
  })
  afterAll(() => system[Symbol.asyncDispose]())

  it('late money is let go when the buyer has bought the limit since', async () => {
    const { ann, event, late } = await lateOrder('ann')
    expect((await buy(ann, event, second)).state).toBe('paid')
    await system.redis?.kill()
    const { order } = await persist(() => ann.checkout.status.query({ order: late }))
    await system.redis?.start()
    expect(order).toMatchObject({ state: 'void', voidReason: 'over-limit' })
    expect(await paidUnits(event)).toBe(limitPerBuyer)
    await expectLetGo(ann, late)
  })

  it('late money is let go, with Redis there, for the same reason', async () => {
    const { ann, event, late } = await lateOrder('ann')
    expect((await buy(ann, event, second)).state).toBe('paid')
    await expectLetGo(ann, late)
  })

  it('late money and another purchase at once buy no more than the limit', async () => {
    const races: (LateOrder & { token: string })[] = []
    for (let round = 0; round < rounds; round += 1) {
      const late = await lateOrder(`racing${round}`)
      races.push({ ...late, token: (await hold(late.ann, late.event, second)).token })
    }
    await system.redis?.kill()
    const answers: unknown[] = []
    for (const race of races) {
      const { ann, event, late, token } = race
      const begin = async () =>
        (await persist(() => ann.checkout.start.mutate({ holdToken: token }))).order.id
      const begun = races.indexOf(race) % 2 === 0 ? begin() : Promise.resolve(await begin())
      const bought = orCode(begun.then((order) => paid(ann, order)))
      answers.push([await Promise.all([settled(ann, late), bought]), await paidUnits(event)])
    }
    await system.redis?.start()
    for (const answer of answers) {
      expect([
        [['paid', 'LIMIT_REACHED'], limitPerBuyer],
        [['void', 'paid'], limitPerBuyer],
      ]).toContainEqual(answer)
    }
  })
})

type LateOrder = { readonly ann: Api; readonly event: string; readonly late: string }

/** Of a new fan, for the limit of a new event: it has run out, and now its money is there. */
async function lateOrder(name: string, units: readonly number[] = first): Promise<LateOrder> {
  const ann = await system.fan(name)
  const event = await system.newEvent({ limitPerBuyer })
  return { ann, event, late: await authorizedTooLate(ann, event, units) }
}

async function authorizedTooLate(ann: Api, event: string, units: readonly number[]) {
  await control(system.simulator, 'faults', { kind: 'webhook_lost' })
  const { order } = await start(ann, event, units)
  await confirm(ann, order.id, { paymentMethod: 'pm_card_threeDSecure2Required' })
  await runOut(system, order.id)
  await forgetHolds(system)
  const [line] = await ledgerOf(system, order.id)
  const approved = `payment_intents/${line?.intent}/authentication`
  await control(system.simulator, approved, { outcome: 'approve' })
  await control(system.simulator, 'faults', 'delete')
  return order.id
}

async function paid(ann: Api, order: string) {
  return (await confirm(ann, order)).order
}

/** The state of the order, or the code of what was said instead. */
function orCode(bought: Promise<{ readonly state: string }>): Promise<string> {
  return bought.then(
    ({ state }) => state,
    async (cause: unknown) => (await refusalOf(Promise.reject(cause))).code,
  )
}

async function settled(ann: Api, order: string) {
  return (await persist(() => ann.checkout.status.query({ order }))).order.state
}

/** The order has ended for the limit's sake, and its money goes back. */
async function expectLetGo(ann: Api, order: string): Promise<void> {
  const answer = await persist(() => ann.checkout.status.query({ order }))
  expect(answer.order).toMatchObject({ state: 'void', voidReason: 'over-limit' })
  expect(await orderRow(system, order)).toMatchObject({ tickets: 0, sold: 0, payment: 'voided' })
  await expectMoneyAndTicketsAgree(system)
}

async function paidUnits(event: string): Promise<number> {
  const rows = await orderRows(system, event)
  return rows.filter(({ state }) => state === 'paid').reduce((sum, { units }) => sum + units, 0)
}
