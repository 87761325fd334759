/**
 * Where each fan is and where the event lives that they come for: drawn from the seed, apart from
 * what they have in mind, so that one crowd wishes the same in one region and in three.
 */
import { seededChance } from './seeded-chance.ts'

/** Most go to what plays near them; the others see how far away feels. */
const homeShare = 0.6
/** A stream of the seed of its own, below those of plan-fans.ts. */
const whereaboutsStream = 2 ** 29

/** Both count the places of the sale, each of which has an event. */
export type Whereabouts = { readonly place: number; readonly event: number }

export function whereaboutsOf(seed: number, fan: number, places: number): Whereabouts {
  const chance = seededChance(seed, whereaboutsStream + fan)
  const place = chance.below(places)
  if (places === 1 || chance.fraction() < homeShare) return { place, event: place }
  return { place, event: (place + 1 + chance.below(places - 1)) % places }
}
