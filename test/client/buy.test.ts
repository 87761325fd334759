/** The steps of a purchase against a server that remembers, as ours does, what each key has done. */
import { describe, expect, it } from 'vitest'
import { errorOf, event, seats, testClient } from './harness.ts'
import { answeringServer, type Reply, refusal, result, type SeenCall } from './wire-server.ts'

type Order = { id: string; state: 'pending' | 'paid' }

/** One event's sale: holds by key, an order per hold, cards that are declined by name. */
function saleOf(options: { readonly price: number }) {
  const orders = new Map<string, Order>()
  const checkout = (order: Order) =>
    result({ order, payment: options.price === 0 ? null : { state: 'pending' } })
  const answers: Record<string, (input: Record<string, string>) => Reply> = {
    'holds.place': ({ key = '' }) => {
      if (orders.get(key)?.state === 'paid') return refusal('HOLD_EXPIRED')
      return result({ id: `ord_${key}`, token: key })
    },
    'checkout.start': ({ holdToken: key = '' }) => {
      const state = options.price === 0 ? 'paid' : 'pending'
      const order = orders.get(key) ?? { id: `ord_${key}`, state }
      orders.set(key, order)
      return checkout(order)
    },
    'checkout.confirm': ({ order: id, paymentMethod }) => {
      const order = [...orders.values()].find((candidate) => candidate.id === id)
      if (order === undefined) return refusal('NOT_FOUND')
      if (paymentMethod === 'pm_card_chargeDeclined') return refusal('CARD_DECLINED')
      order.state = 'paid'
      return checkout(order)
    },
    'checkout.status': ({ order: id }) => {
      const order = [...orders.values()].find((candidate) => candidate.id === id)
      return order === undefined ? refusal('NOT_FOUND') : checkout(order)
    },
    'orders.getByKey': ({ key = '' }) => {
      const order = orders.get(key)
      return order === undefined ? refusal('NOT_FOUND') : result(order)
    },
  }
  return (call: SeenCall): Reply =>
    answers[call.path]?.(call.input as Record<string, string>) ?? refusal('NOT_FOUND')
}

const key = 'my-purchase'
const purchase = { key, event, seats, paymentMethod: 'pm_card_visa' }
const pathsOf = (server: { calls: readonly SeenCall[] }) => server.calls.map((call) => call.path)

describe('buying in one call', () => {
  it('holds, starts and confirms; the card has a key of its own', async () => {
    await using server = await answeringServer(saleOf({ price: 100 }))
    const { order } = await testClient([server]).client.buy(purchase)
    expect(order.state).toBe('paid')
    expect(pathsOf(server)).toEqual(['holds.place', 'checkout.start', 'checkout.confirm'])
    expect(server.calls[2]?.input).toMatchObject({ key: 'my-purchase:pm_card_visa' })
  })

  it('ends after the start when nothing is to be paid', async () => {
    await using server = await answeringServer(saleOf({ price: 0 }))
    const { order } = await testClient([server]).client.buy(purchase)
    expect(order.state).toBe('paid')
    expect(pathsOf(server)).toEqual(['holds.place', 'checkout.start'])
  })

  it('goes on with another card after one was declined', async () => {
    await using server = await answeringServer(saleOf({ price: 100 }))
    const { client } = testClient([server])
    const declined = client.buy({ ...purchase, paymentMethod: 'pm_card_chargeDeclined' })
    expect(await errorOf(declined)).toMatchObject({ code: 'CARD_DECLINED', outcome: 'refused' })
    expect(await client.buy(purchase)).toMatchObject({ order: { state: 'paid' } })
  })

  it('answers with the same order when it was bought before', async () => {
    await using server = await answeringServer(saleOf({ price: 100 }))
    const { client } = testClient([server])
    const first = await client.buy(purchase)
    expect((await client.buy(purchase)).order).toEqual(first.order)
    expect(pathsOf(server).filter((path) => path === 'checkout.confirm')).toHaveLength(1)
  })

  it('is refused with the reason of the hold when there is no order', async () => {
    await using server = await answeringServer((call) =>
      call.path === 'holds.place' ? refusal('SOLD_OUT') : refusal('NOT_FOUND'),
    )
    const error = await errorOf(testClient([server]).client.buy(purchase))
    expect(error).toMatchObject({ code: 'SOLD_OUT', outcome: 'refused', path: 'holds.place' })
  })
})
