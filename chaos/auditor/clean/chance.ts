/** Chance by a seed: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */

export type Chance = {
  /** In [0, 1). */
  readonly fraction: () => number
  /** A whole number from 0 to below `bound`. */
  readonly below: (bound: number) => number
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  return { fraction, below: (bound) => Math.floor(fraction() * bound) }
}
