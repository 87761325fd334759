/** A fan's whole visit, as fated; however it ends, it ends as a story. */
import { FrontrowError } from '../../client/index.ts'
import type { Fan, Story } from './fan.ts'
import { holdSeats } from './hold-seats.ts'
import { type Held, payForSeats } from './pay-for-seats.ts'

export async function visitSale(fan: Fan): Promise<Story> {
  try {
    const held = await holdSeats(fan)
    return held === null ? ended(fan, 'found nothing') : await useSeats(fan, held)
  } catch (cause) {
    if (!(cause instanceof FrontrowError)) throw cause
    // A transient refusal may be of a call after the one that paid.
    const isOpen = cause.outcome === 'unknown' || cause.transient
    const outcome = `failed (${fan.plan.fate}, ${cause.path}: ${cause.code})`
    return { ...ended(fan, outcome), told: isOpen ? 'unknown' : 'told-no' }
  }
}

async function useSeats(fan: Fan, held: Held): Promise<Story> {
  const { calls, client, event, plan } = fan
  switch (plan.fate) {
    case 'gives-up':
      await calls.pause(plan.thinkMs)
      await calls.call('release', () =>
        client.holds.release.mutate({ event: event.id, hold: held.hold.id }),
      )
      return ended(fan, 'gave up')
    case 'goes-silent':
      return ended(fan, 'went silent')
    default: {
      const order = await payForSeats(fan, held)
      if (order === null) return ended(fan, 'had no money')
      if (order.state !== 'paid') return { ...ended(fan, 'still unpaid'), told: 'unknown' }
      return { fan: plan.index, outcome: 'bought', told: 'told-paid', acknowledged: order }
    }
  }
}

function ended({ plan }: Fan, outcome: string): Story {
  return { fan: plan.index, outcome, told: 'told-no', acknowledged: null }
}
