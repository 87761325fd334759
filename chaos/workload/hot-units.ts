/** The few seats that everybody wants now: in front, and a little further each quarter of a minute. */
import type { Hall } from './halls.ts'

const hotCount = 10
const movesEveryMs = 15_000

export function hotUnits({ seated }: Pick<Hall, 'seated'>, elapsedMs: number): readonly number[] {
  const [front] = seated
  if (front === undefined) return []
  const moved = Math.floor(elapsedMs / movesEveryMs) * hotCount
  const units = Array.from({ length: hotCount }, (_, index) => (moved + index) % front.units)
  return [...new Set(units)].map((unit) => front.firstUnit + unit)
}
