/** Full jitter: a random wait between zero and a doubling ceiling (AWS Builders' Library). */
import type { Random } from './random.ts'

export function backoffMs(
  attempt: number,
  bounds: { readonly baseMs: number; readonly maxMs: number },
  random: Random,
): number {
  return random.fraction() * Math.min(bounds.maxMs, bounds.baseMs * 2 ** attempt)
}
