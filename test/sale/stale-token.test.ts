/** A token of a hold that is over buys nothing of the hold that lives under the same id now. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, refusalOf } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { forgetHolds, hold, start } from './buying.ts'

describeUnless(redisMissing(), 'a token whose hold the book has forgotten', () => {
  it('does not buy other seats, and not its own while others stand under its id', async () => {
    await using system = await openSaleSystem({ book: 'redis' })
    const event = await system.newEvent()
    const ann = await system.fan('ann')
    const key = randomUUID()
    const first = await hold(ann, event, { units: [1, 2], key })
    await forgetHolds(system)
    const second = await hold(ann, event, { units: [7, 8], key })
    expect(second.id).toBe(first.id)
    const stale = await refusalOf(ann.checkout.start.mutate({ holdToken: first.token }))
    expect(stale.code).toBe('HOLD_EXPIRED')
    const { order } = await ann.checkout.start.mutate({ holdToken: second.token })
    expect(order.lines.map(({ unit }) => unit)).toEqual([7, 8])
    const bob = await system.fan('bob')
    expect((await start(bob, event, [1, 2])).order.state).toBe('pending')
  })
})
