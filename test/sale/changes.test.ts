/** What changes between hold, start and payment: windows, limits, time; with each hold book. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { HoldTokens } from '../../server/application/hold-tokens.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import {
  type Api,
  control,
  openSaleSystem,
  persist,
  refusalOf,
  region,
  type SaleSystem,
} from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import {
  buy,
  confirm,
  expectMoneyAndTicketsAgree,
  forgetHolds,
  hallUnits,
  hold,
  ledgerOf,
  orderRow,
  remind,
  runOut,
  shownFree,
  stable,
  start,
} from './buying.ts'

const threeDSecure = 'pm_card_threeDSecure2Required'

for (const book of ['sql', 'redis'] as const) {
  describeUnless(book === 'redis' ? redisMissing() : null, `with the ${book} hold book`, () => {
    let system: SaleSystem
    let ann: Api
    let bob: Api
    beforeAll(async () => {
      system = await openSaleSystem({ book })
      ann = await system.fan('ann')
      bob = await system.fan('bob')
    })
    afterEach(() => expectMoneyAndTicketsAgree(system))
    afterAll(() => system[Symbol.asyncDispose]())

    it('a hold that has run out is over, and a token is believed only from us', async () => {
      const event = await system.newEvent()
      const { id, token } = await hold(ann, event, [1])
      const tokens = (secret: string) =>
        new HoldTokens({ secret: new TextEncoder().encode(secret), clock: systemClock })
      const ours = tokens(system.config.HOLD_TOKEN_SECRET)
      const theirs = tokens('x'.repeat(64))
      const held = await ours.verify(token)
      if (held === null) throw new Error('our own token does not verify')
      const cheaper = { ...held, terms: { ...held.terms, prices: [] } }
      const tampered = token.replace(/\.[^.]+\./, `.${btoa('{}').replaceAll('=', '')}.`)
      for (const forged of [await theirs.sign(cheaper), tampered, 'x', `${token}x`]) {
        const refused = await refusalOf(ann.checkout.start.mutate({ holdToken: forged }))
        expect(refused).toMatchObject({ code: 'HOLD_TOKEN_INVALID' })
      }
      await runOut(system, id)
      await forgetHolds(system)
      const late = await ours.sign({ ...held, expiresInMs: -2_000 })
      const refused = await refusalOf(ann.checkout.start.mutate({ holdToken: late }))
      expect(refused).toMatchObject({ code: 'HOLD_EXPIRED' })
      expect((await buy(bob, event, [1])).state).toBe('paid')
    })

    it('a hold that is extended or released by many calls at once is so once', async () => {
      const event = await system.newEvent()
      const { id } = await hold(ann, event, [1, 2])
      const ofHold = { event, hold: id }
      const twenty = <T>(call: () => Promise<T>) =>
        Promise.all(Array.from({ length: 20 }, () => persist(call)))
      const extended = await twenty(() => ann.holds.extend.mutate(ofHold))
      expect(new Set(extended.map(stable)).size).toBe(1)
      const released = await twenty(() => ann.holds.release.mutate(ofHold))
      expect(released.filter((answer) => answer.released)).toHaveLength(1)
      expect((await buy(bob, event, [1, 2])).state).toBe('paid')
    })

    it('an event that was cancelled after the hold is not checked out', async () => {
      const event = await system.newEvent()
      const { token } = await hold(ann, event, [1])
      await cancel(event)
      const late = persist(() => ann.checkout.start.mutate({ holdToken: token }))
      expect(await refusalOf(late)).toMatchObject({ code: 'EVENT_CANCELLED' })
    })

    it('an event that was cancelled before the payment lets the money go', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      await cancel(event)
      const answer = await confirm(ann, order.id)
      expect(answer.order).toMatchObject({ state: 'void', voidReason: 'event-cancelled' })
      await expectMoneyAndTicketsAgree(system)
      expect(await ledgerOf(system, order.id)).toMatchObject([{ authorized: 5_000, voided: 5_000 }])
    })

    it('a window that closed after the hold is closed', async () => {
      const event = await system.newEvent()
      const { token } = await hold(ann, event, [1])
      const { organisation } = system
      await system.organiser.admin.events.endSales.mutate({ organisation, event })
      const late = ann.checkout.start.mutate({ holdToken: token })
      expect(await refusalOf(late)).toMatchObject({ code: 'SALE_CLOSED' })
    })

    it('a buyer has no more than the limit by parallel holds', async () => {
      const event = await system.newEvent({ limitPerBuyer: 4 })
      const outcomes = await Promise.all(
        [
          [0, 1],
          [2, 3],
          [4, 5],
          [6, 7],
        ].map((units) =>
          start(ann, event, units).then(
            () => 'started',
            (cause: { data?: { refusal?: { code: string } } }) => cause.data?.refusal?.code,
          ),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(2)
      expect(outcomes.filter((outcome) => outcome === 'LIMIT_REACHED')).toHaveLength(2)
    })

    it('a buyer has no more than the limit by orders, whatever the hold book says', async () => {
      const event = await system.newEvent({ limitPerBuyer: 4 })
      const first = await hold(ann, event, [0, 1])
      const second = await hold(ann, event, [2, 3])
      await system.sql('update event_sales set limit_per_buyer = 3 where event_id = $1', [event])
      await ann.checkout.start.mutate({ holdToken: first.token })
      const over = ann.checkout.start.mutate({ holdToken: second.token })
      expect(await refusalOf(over)).toMatchObject({
        code: 'LIMIT_REACHED',
        details: { limit: 3, already: 2 },
      })
      // What cannot be paid is not kept from others.
      expect((await buy(bob, event, [2, 3])).state).toBe('paid')
    })

    it('an abandoned order ends by its reminder, and its seats are free for others', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1, 2])
      await runOut(system, order.id)
      await remind(system, order.id)
      await expectMoneyAndTicketsAgree(system)
      expect(await orderRow(system, order.id)).toMatchObject({ state: 'void', reason: 'expired' })
      expect(await ledgerOf(system, order.id)).toMatchObject([{ status: 'canceled' }])
      await eventually(async () => (await shownFree(system, event)) === hallUnits, {
        what: 'all seats free',
      })
      const tooLate = confirm(ann, order.id)
      expect(await refusalOf(tooLate)).toMatchObject({ code: 'ORDER_ENDED' })
      expect((await buy(bob, event, [1])).state).toBe('paid')
    })

    it('a late authorisation takes the same seats when they are free', async () => {
      const event = await system.newEvent()
      const order = await authorizedTooLate(event)
      const { order: settled } = await ann.checkout.status.query({ order })
      expect(settled).toMatchObject({ state: 'paid', tickets: { length: 2 } })
    })

    it('a late authorisation is let go when the seats are sold to another', async () => {
      const event = await system.newEvent()
      const order = await authorizedTooLate(event)
      expect((await buy(bob, event, [2])).state).toBe('paid')
      const { order: settled } = await ann.checkout.status.query({ order })
      expect(settled).toMatchObject({ state: 'void', voidReason: 'seats-gone' })
      await expectMoneyAndTicketsAgree(system)
      expect(await ledgerOf(system, order)).toMatchObject([
        { authorized: 10_000, captured: 0, voided: 10_000 },
      ])
    })

    it('a late authorisation is let go when the seats are held by another', async () => {
      const event = await system.newEvent()
      const order = await authorizedTooLate(event)
      await hold(bob, event, [2])
      const { order: settled } = await ann.checkout.status.query({ order })
      expect(settled).toMatchObject({ state: 'void', voidReason: 'seats-gone' })
    })

    it('a start that was refused for a moment can be repeated and paid', async () => {
      const event = await system.newEvent()
      const { token } = await hold(ann, event, [1])
      await system.sql('update authority set epoch = epoch + 1 where region = $1', [region])
      const moved = ann.checkout.start.mutate({ holdToken: token })
      expect(await refusalOf(moved)).toMatchObject({ code: 'OLD_EPOCH', transient: true })
      await system.sql('update authority set epoch = epoch - 1 where region = $1', [region])
      const { order } = await persist(() => ann.checkout.start.mutate({ holdToken: token }))
      expect((await confirm(ann, order.id)).order.state).toBe('paid')
    })

    async function authenticate(order: string, outcome: 'approve' | 'refuse') {
      const [line] = await ledgerOf(system, order)
      const path = `payment_intents/${line?.intent}/authentication`
      await control(system.simulator, path, { outcome })
    }

    /** The reservation of units 1 and 2 is over in both books; then the card is authorized. */
    async function authorizedTooLate(event: string): Promise<string> {
      await control(system.simulator, 'faults', { kind: 'webhook_lost' })
      const { order } = await start(ann, event, [1, 2])
      await confirm(ann, order.id, { paymentMethod: threeDSecure })
      await runOut(system, order.id)
      await forgetHolds(system)
      await authenticate(order.id, 'approve')
      await control(system.simulator, 'faults', 'delete')
      return order.id
    }

    async function cancel(event: string) {
      const { organiser, organisation } = system
      await organiser.admin.events.cancel.mutate({ organisation, event })
    }
  })
}
