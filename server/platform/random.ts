/** Randomness is a port, so that a seed can replay what happened. */
import { randomBytes, randomInt } from 'node:crypto'

export type Random = {
  /** A number in [0, 1). */
  readonly fraction: () => number
  /** `count` unpredictable bytes: identifiers and secrets. */
  readonly bytes: (count: number) => Uint8Array
}

const fractionSteps = 2 ** 47

export const systemRandom: Random = {
  fraction: () => randomInt(fractionSteps) / fractionSteps,
  bytes: (count) => randomBytes(count),
}
