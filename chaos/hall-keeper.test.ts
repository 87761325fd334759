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

function sale() {
  const onSale = [event('a', 'here'), event('b', 'there')]
  const paid: Record<string, number> = { here: 0, there: 0 }
  let count = 0
  const keeper = new HallKeeper(
    {
      paid,
      onSale,
      switchEvents: (events) => void onSale.splice(0, onSale.length, ...events),
      publish: async (home) => {
        count += 1
        const more = event(`${home}-${count}`, home)
        onSale.push(more)
        return more
      },
    },
    onSale,
  )
  return { onSale, paid, keeper }
}

it('opens another event where a fifth of the newest has become orders, and knows all there ever were', async () => {
  const { onSale, paid, keeper } = sale()
  paid['here'] = 19
  await keeper.openMore()
  expect(onSale).toHaveLength(2)
  paid['here'] = 20
  await keeper.openMore()
  await keeper.openMore()
  expect(keeper.events.map(({ id }) => id)).toEqual(['a', 'b', 'here-1'])
  expect(keeper.oldestOf('here').id).toBe('a')
  expect(() => keeper.oldestOf('nowhere')).toThrow(RangeError)
})

it('lets fans come for the two newest of a home', async () => {
  const { onSale, paid, keeper } = sale()
  for (const orders of [20, 40]) {
    paid['here'] = orders
    await keeper.openMore()
  }
  expect(onSale.map(({ id }) => id)).toEqual(['b', 'here-1', 'here-2'])
  expect(keeper.oldestOf('here').id).toBe('here-1')
  expect(keeper.events).toHaveLength(4)
})
