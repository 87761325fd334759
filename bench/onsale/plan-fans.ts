/**
 * Who comes, when, and what they have in mind: drawn from the seed before the sale opens. What
 * the system answers does not change the plan, only how far a fan gets with it.
 */
import { type Chance, seededChance } from './seeded-chance.ts'

/** How a fan's visit goes on once they hold seats. */
export const fateShares = {
  /** Pays with a good card. */
  buys: 0.6,
  /** Gives the seats back. */
  'gives-up': 0.1,
  /** Goes away without a word: the hold runs out. */
  'goes-silent': 0.05,
  /** Is declined, and pays with another card. */
  'second-card': 0.07,
  /** Has no money on the card, and leaves it at that. */
  'no-money': 0.03,
  /** Is asked by the bank to prove who they are. */
  'three-d-secure': 0.05,
  /** Sends every call twice at once: two taps on the button. */
  twins: 0.05,
  /** Loses every answer on the way, and asks again with the same key. */
  'lost-answers': 0.05,
} as const
export type Fate = keyof typeof fateShares

/** Which seats: pointed at on the map, the best ones together, or a place to stand. */
export const wishShares = { units: 0.35, best: 0.4, standing: 0.25 } as const
export type WishKind = keyof typeof wishShares

/** Most come in twos. */
export const countShares = { 1: 0.2, 2: 0.45, 3: 0.1, 4: 0.17, 5: 0.04, 6: 0.04 } as const

/** How long a fan looks before each step, at most, when fans come by a schedule. */
const thinkMsMax = 400

export type FanPlan = {
  /** From 0; also names the fan. */
  readonly index: number
  /** After the opening, in milliseconds; 0 for all in a burst. */
  readonly arrivesAtMs: number
  readonly fate: Fate
  readonly wish: WishKind
  readonly count: number
  /** Before holding, and before paying. */
  readonly thinkMs: number
}

export type Crowd = {
  readonly fans: number
  readonly seed: number
  /** Fans a second on average, coming one by one whatever the answers; null: all at once. */
  readonly arrivalsPerSecond: number | null
  /** Whether the bank's question can be answered here; those fans pay plainly otherwise. */
  readonly canAuthenticate: boolean
}

/** Streams of the seed: fans have their own index, their decisions on the way another half. */
const arrivalsStream = 2 ** 31
const decisionsStream = 2 ** 30

export function planFans(crowd: Crowd): FanPlan[] {
  const arrivals = seededChance(crowd.seed, arrivalsStream)
  let arrivesAtMs = 0
  return Array.from({ length: crowd.fans }, (_, index) => {
    arrivesAtMs += gapMs(arrivals, crowd.arrivalsPerSecond)
    return { index, arrivesAtMs, ...mindOf(crowd, index) }
  })
}

/** What a fan decides on the way: sections, seats, when the connection breaks. */
export function decisionsOf(seed: number, fan: number): Chance {
  return seededChance(seed, decisionsStream + fan)
}

/** Independent fans: the gaps between them are exponential (a Poisson process). */
function gapMs(chance: Chance, arrivalsPerSecond: number | null): number {
  const drawn = -Math.log(1 - chance.fraction())
  return arrivalsPerSecond === null ? 0 : (drawn * 1000) / arrivalsPerSecond
}

function mindOf({ seed, arrivalsPerSecond, canAuthenticate }: Crowd, index: number) {
  const chance = seededChance(seed, index)
  const drawn = chance.choose(fateShares)
  const fate: Fate = drawn === 'three-d-secure' && !canAuthenticate ? 'buys' : drawn
  const wish = chance.choose(wishShares)
  const count = Number(chance.choose(countShares))
  const thinkMs = arrivalsPerSecond === null ? 0 : chance.fraction() * thinkMsMax
  return { fate, wish, count, thinkMs }
}
