/**
 * Chance that can be had again: everything a fan wishes and does is drawn from the run's seed.
 * Each fan has a stream of their own, so that the order in which answers arrive changes nothing.
 * Never used for keys, ids or names of a run.
 */

export type Chance = {
  /** In [0, 1). */
  readonly fraction: () => number
  /** A whole number from 0 to below `bound`. */
  readonly below: (bound: number) => number
  /** One of the names, each as often as its share says; shares sum to 1. */
  readonly choose: <Name extends string>(shares: Readonly<Record<Name, number>>) => Name
}

/** @param stream another number is another, unrelated stream of the same seed */
export function seededChance(seed: number, stream: number): Chance {
  const fraction = mulberry32(mixed(mixed(seed) ^ stream))
  return {
    fraction,
    below: (bound) => Math.floor(fraction() * bound),
    choose: (shares) => chosen(shares, fraction()),
  }
}

function chosen<Name extends string>(shares: Readonly<Record<Name, number>>, at: number): Name {
  const names = Object.keys(shares) as Name[]
  let passed = 0
  const found = names.find((name) => {
    passed += shares[name]
    return at < passed
  })
  // Shares are fractions: their sum may stay a hair below 1.
  const name = found ?? names.at(-1)
  if (name === undefined) throw new RangeError('there is nothing to choose from')
  return name
}

/** https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Spreads neighbouring numbers over all of 32 bits (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let hash = (value ^ 0x9e3779b9) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
