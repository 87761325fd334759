/** Purchases as fans make them, over HTTP, with each hold book. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
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
  hold,
  ledgerOf,
  orderRows,
  seats,
  stable,
  start,
  visa,
} from './buying.ts'

const declined = 'pm_card_chargeDeclined'
const poor = 'pm_card_chargeDeclinedInsufficientFunds'
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

    it('a fan holds, pays and owns tickets; the money is captured', async () => {
      const event = await system.newEvent()
      const key = randomUUID()
      const { order, payment } = await start(ann, event, { units: [3, 4], key })
      expect(order).toMatchObject({ state: 'pending', total: 10_000, currency: 'EUR', tickets: [] })
      expect(payment).toMatchObject({
        state: 'pending',
        clientSecret: expect.stringMatching(/^pi_/),
      })
      const paid = await confirm(ann, order.id)
      expect(paid.order.state).toBe('paid')
      // The worker may have captured it by now.
      expect(paid.payment?.state).toMatch(/^(authorized|captured)$/)
      expect(paid.order.tickets).toHaveLength(2)
      const { items } = await ann.tickets.list.query({ order: order.id })
      expect(items.map(({ unit, state }) => ({ unit, state }))).toEqual([
        { unit: 3, state: 'valid' },
        { unit: 4, state: 'valid' },
      ])
      const { code } = await ann.tickets.code.query({ ticket: paid.order.tickets[0] ?? '' })
      expect(code.split('.')).toHaveLength(3)
      expect(await ann.orders.getByKey.query({ event, key })).toEqual(paid.order)
      await expectMoneyAndTicketsAgree(system)
      expect((await ann.checkout.status.query({ order: order.id })).payment?.state).toBe('captured')
      expect(await refusalOf(hold(bob, event, [4]))).toMatchObject({ code: 'SEATS_TAKEN' })
    })

    it('every answer of a paid order says since when it is paid', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      const paid = await confirm(ann, order.id)
      expect(paid.order.paidAt).not.toBeNull()
      expect(await ann.orders.get.query({ order: order.id })).toEqual(paid.order)
    })

    it('a free event needs no payment', async () => {
      const event = await system.newEvent({ price: 0 })
      const started = await start(ann, event, [1, 2])
      expect(started).toMatchObject({ order: { state: 'paid', total: 0 }, payment: null })
      expect(started.order.tickets).toHaveLength(2)
      expect(await ledgerOf(system, started.order.id)).toEqual([])
    })

    it('a declined card is followed by another one with a new key', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      const first = randomUUID()
      for (const _ of ['tried', 'repeated']) {
        expect(
          await refusalOf(confirm(ann, order.id, { paymentMethod: declined, key: first })),
        ).toMatchObject({
          code: 'CARD_DECLINED',
          transient: false,
          details: { declineCode: 'generic_decline' },
        })
      }
      expect(await refusalOf(confirm(ann, order.id, { paymentMethod: poor }))).toMatchObject({
        details: { declineCode: 'insufficient_funds' },
      })
      expect((await confirm(ann, order.id)).order.state).toBe('paid')
      expect(
        (await confirm(ann, order.id, { paymentMethod: declined, key: first })).order.state,
      ).toBe('paid')
    })

    it('3-D Secure that the fan passes ends in tickets', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      const waiting = await confirm(ann, order.id, { paymentMethod: threeDSecure })
      expect(waiting).toMatchObject({ order: { state: 'pending' } })
      expect(waiting.payment?.actionUrl).toMatch(/^http/)
      const status = () => ann.checkout.status.query({ order: order.id })
      expect((await status()).payment?.actionUrl).toBe(waiting.payment?.actionUrl)
      await authenticate(order.id, 'approve')
      const done = await status()
      expect(done).toMatchObject({ order: { state: 'paid' }, payment: { actionUrl: null } })
    })

    it('3-D Secure that the fan fails lets them try another card', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      await confirm(ann, order.id, { paymentMethod: threeDSecure })
      await authenticate(order.id, 'refuse')
      expect((await ann.checkout.status.query({ order: order.id })).order.state).toBe('pending')
      expect((await confirm(ann, order.id)).order.state).toBe('paid')
    })

    it('a repeated call answers as the first one, in two tabs and fifty times at once', async () => {
      const event = await system.newEvent()
      const [key, card] = [randomUUID(), randomUUID()]
      const fifty = async (call: () => Promise<unknown>) => {
        const answers = await Promise.all(Array.from({ length: 50 }, () => persist(call)))
        const distinct = new Set(answers.map(stable))
        expect([...distinct]).toHaveLength(1)
        return answers[0]
      }
      const wish = { event, key, seats: seats(5, 6) }
      const { token } = (await fifty(() => ann.holds.place.mutate(wish))) as { token: string }
      const started = (await fifty(() =>
        ann.checkout.start.mutate({ holdToken: token }),
      )) as Awaited<ReturnType<typeof start>>
      const { id } = started.order
      const wanted = { order: id, key: card, paymentMethod: visa }
      await fifty(async () => ({
        ...(await ann.checkout.confirm.mutate(wanted)),
        // The worker captures meanwhile.
        payment: null,
      }))
      expect(await ledgerOf(system, id)).toHaveLength(1)
      expect((await orderRows(system)).filter((row) => row.id === id)).toHaveLength(1)
      const again = await ann.checkout.start.mutate({ holdToken: token })
      expect(again.order).toEqual(await ann.orders.getByKey.query({ event, key }))
      expect(again.payment?.clientSecret).toBeNull()
    })

    it('a key stands for one wish', async () => {
      const event = await system.newEvent()
      const key = randomUUID()
      await hold(ann, event, { units: [1], key })
      expect(await refusalOf(hold(ann, event, { units: [2], key }))).toMatchObject({
        code: 'KEY_REUSED',
      })
      const { order } = await start(ann, event, { units: [1], key })
      const card = randomUUID()
      await refusalOf(confirm(ann, order.id, { paymentMethod: declined, key: card }))
      expect(await refusalOf(confirm(ann, order.id, { key: card }))).toMatchObject({
        code: 'KEY_REUSED',
      })
      const other = await hold(bob, event, { units: [2], key })
      expect(other.id).not.toBe(order.id)
    })

    it('the longest key that is allowed works at every step', async () => {
      const event = await system.newEvent()
      const key = 'k'.repeat(255)
      const { order } = await start(ann, event, { units: [1], key })
      expect((await confirm(ann, order.id, { key })).order.state).toBe('paid')
    })

    it('a card that does not exist is bad input', async () => {
      const event = await system.newEvent()
      const { order } = await start(ann, event, [1])
      const unknown = confirm(ann, order.id, { paymentMethod: 'pm_card_thatIsNone' })
      expect(await refusalOf(unknown)).toMatchObject({ code: 'BAD_INPUT' })
      expect((await confirm(ann, order.id)).order.state).toBe('paid')
    })

    it('a list of orders has each once, newest first, however close they were made', async () => {
      const event = await system.newEvent()
      const zoe = await system.fan(`zoe-${book}`)
      const made: string[] = []
      for (const unit of [0, 1, 2, 3, 4]) made.push((await start(zoe, event, [unit])).order.id)
      const instants = ['.0005', '.0001', '.0009', '.0014', '.0009'].map(
        (part) => `00:00:00${part}`,
      )
      for (const [index, id] of made.entries()) {
        const instant = `2026-01-01 ${instants[index]}Z`
        await system.sql('update orders set created_at = $1 where id = $2', [instant, id])
      }
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page: { items: { id: string }[]; nextCursor: string | null } =
          await zoe.orders.list.query({ limit: 2, cursor })
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(seen).toHaveLength(5)
      expect(new Set(seen)).toEqual(new Set(made))
      expect(seen[0]).toBe(made[3])
    })

    it('what belongs to others looks as if it were not there', async () => {
      const event = await system.newEvent()
      const key = randomUUID()
      const held = await hold(ann, event, { units: [1], key })
      const ofHold = { event, hold: held.id }
      expect(await refusalOf(bob.holds.get.query(ofHold))).toMatchObject({ code: 'NOT_FOUND' })
      expect(await bob.holds.release.mutate(ofHold)).toEqual({ released: false })
      expect(await ann.holds.get.query(ofHold)).toMatchObject({ id: held.id })
      const stolen = bob.checkout.start.mutate({ holdToken: held.token })
      expect(await refusalOf(stolen)).toMatchObject({ code: 'HOLD_TOKEN_INVALID' })
      const { order } = await start(ann, event, { units: [1], key })
      const foreign = { order: order.id }
      const ticket = `tkt_${order.id.slice(4)}_1`
      const calls = [
        () => bob.orders.get.query(foreign),
        () => bob.orders.getByKey.query({ event, key }),
        () => bob.checkout.status.query(foreign),
        () => bob.checkout.confirm.mutate({ ...foreign, key, paymentMethod: visa }),
        () => bob.tickets.get.query({ ticket }),
        () => bob.tickets.code.query({ ticket }),
        () => bob.tickets.list.query(foreign),
        () => ann.tickets.get.query({ ticket }),
        () => ann.orders.get.query({ order: `ord_zzz9_${order.id.slice(9)}` }),
      ]
      for (const call of calls) expect(await refusalOf(call())).toMatchObject({ code: 'NOT_FOUND' })
    })

    it('a hold that has run out cannot be checked out', async () => {
      const event = await system.newEvent()
      const { id, token } = await hold(ann, event, [1])
      await ann.holds.release.mutate({ event, hold: id })
      const late = ann.checkout.start.mutate({ holdToken: token })
      expect(await refusalOf(late)).toMatchObject({ code: 'HOLD_EXPIRED' })
      expect((await buy(bob, event, [1])).state).toBe('paid')
    })

    it('the price is that of the hold, not that of the payment', async () => {
      const event = await system.newEvent()
      const { token } = await hold(ann, event, [1])
      await setPrice(event, 9_900)
      const { order } = await ann.checkout.start.mutate({ holdToken: token })
      expect(order.total).toBe(5_000)
      expect((await confirm(ann, order.id)).order.total).toBe(5_000)
    })

    async function authenticate(order: string, outcome: 'approve' | 'refuse') {
      const [line] = await ledgerOf(system, order)
      const path = `payment_intents/${line?.intent}/authentication`
      await control(system.simulator, path, { outcome })
    }

    async function setPrice(event: string, price: number) {
      const { organiser, organisation } = system
      const now = await organiser.admin.events.get.query({ organisation, event })
      const tiers = ['A', 'Floor'].map((section) => ({
        id: section.toLowerCase(),
        name: section,
        sections: [section],
        rules: [{ price }],
      }))
      const version = now.event.version
      await organiser.admin.events.setPrices.mutate({ organisation, event, version, tiers })
    }
  })
}
