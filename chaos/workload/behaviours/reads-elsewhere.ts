/** Buys, takes the train, and looks at what was bought from another region. */
import type { Visit } from '../visit.ts'
import { holdSeats } from './hold-seats.ts'
import { payFor } from './pay.ts'

export async function readsElsewhere(visit: Visit): Promise<void> {
  const { fan, places, chance } = visit
  const holding = await holdSeats(visit)
  if (holding === null) return
  const { id } = await payFor(visit, holding)
  const others = places.filter((place) => place !== fan.person.place)
  await fan.travel(others[chance.below(others.length)] ?? fan.person.place, async (there) => {
    await there.order(id)
    await there.orders()
    await there.tickets(id)
  })
  await fan.order(id)
}
