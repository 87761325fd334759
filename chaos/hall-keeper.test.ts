import { expect, it } from 'vitest'
import type { EventFacts } from './evidence/evidence.ts'
import { HallKeeper } from './hall-keeper.ts'

const event = (id: string, home: string): EventFacts => ({
  id,
  home,
  units: 100,
  limitPerBuyer: 8,
  currency: 'USD',
  prices: [],
})

it('opens another event where a third of the places is in orders, and knows all there ever were', async () => {
  const onSale = [event('a', 'here'), event('b', 'there')]
  const paid: Record<string, number> = { here: 29, there: 0 }
  const keeper = new HallKeeper(
    {
      paid,
      onSale,
      publish: async (home) => {
        const more = event(`${home}-more`, home)
        onSale.push(more)
        return more
      },
    },
    onSale,
  )
  await keeper.openMore()
  expect(onSale).toHaveLength(2)
  paid['here'] = 30
  await keeper.openMore()
  await keeper.openMore()
  expect(keeper.events.map(({ id }) => id)).toEqual(['a', 'b', 'here-more'])
  expect(keeper.oldestOf('here').id).toBe('a')
  onSale.splice(0, 1)
  expect(keeper.oldestOf('here').id).toBe('here-more')
  expect(() => keeper.oldestOf('nowhere')).toThrow(RangeError)
})
