/** A checkout that is refused for good gives its seats back at once, in both hold books. */
import { expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, refusalOf } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { hallUnits, hold, shownFree } from './buying.ts'

for (const book of ['sql', 'redis'] as const) {
  describeUnless(book === 'redis' ? redisMissing() : null, `with the ${book} hold book`, () => {
    it('frees the seats when the sale has closed since they were held', async () => {
      await using system = await openSaleSystem({ book })
      const event = await system.newEvent()
      const ann = await system.fan('ann')
      const { token } = await hold(ann, event, [3, 4])
      await system.sql(`update event_sales set closes_at = now() where event_id = $1`, [event])
      const refused = await refusalOf(ann.checkout.start.mutate({ holdToken: token }))
      expect(refused.code).toBe('SALE_CLOSED')
      await eventually(async () => (await shownFree(system, event)) === hallUnits, {
        what: 'all seats to be free again',
      })
      const again = await refusalOf(ann.checkout.start.mutate({ holdToken: token }))
      expect(again.code).toMatch(/^(HOLD_EXPIRED|SALE_CLOSED)$/)
    })
  })
}
