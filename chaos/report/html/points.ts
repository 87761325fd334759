/** The seconds as points to draw: not more of them than a picture can show. */
import type { Report, Second } from '../report.ts'

export const pointsMax = 600

export type Rate = 'sales' | 'holds' | 'refusals' | 'unknowns'
export type Point = {
  readonly at: number
  /** Each a second. */
  readonly rates: Readonly<Record<Rate, number>>
  readonly p50: number | null
  readonly p99: number | null
}

export type Points = {
  /** What one point stands for. */
  readonly stepMs: number
  readonly regions: readonly string[]
  readonly of: (region: string) => readonly Point[]
}

/**
 * Several seconds become one: rates as their mean, times as the worst of them, so that a short
 * trouble is not averaged away.
 */
export function pointsOf({ run, seconds }: Pick<Report, 'run' | 'seconds'>, most: number): Points {
  const rows = new Map<string, Second[]>()
  for (const second of seconds) {
    const known = rows.get(second.region)
    if (known === undefined) rows.set(second.region, [second])
    else known.push(second)
  }
  const longest = Math.max(1, ...[...rows.values()].map(({ length }) => length))
  const step = Math.ceil(longest / most)
  const regions = [...new Set([...run.regions, ...rows.keys()])]
  const points = new Map(regions.map((region) => [region, merged(rows.get(region) ?? [], step)]))
  return { stepMs: step * 1_000, regions, of: (region) => points.get(region) ?? [] }
}

function merged(rows: readonly Second[], step: number): Point[] {
  const groups = Array.from({ length: Math.ceil(rows.length / step) }, (_, index) =>
    rows.slice(index * step, (index + 1) * step),
  )
  return groups.map((group) => {
    const mean = (rate: Rate) => group.reduce((sum, row) => sum + row[rate], 0) / group.length
    return {
      at: group[0]?.at ?? 0,
      rates: {
        sales: mean('sales'),
        holds: mean('holds'),
        refusals: mean('refusals'),
        unknowns: mean('unknowns'),
      },
      p50: worst(group.map(({ p50 }) => p50)),
      p99: worst(group.map(({ p99 }) => p99)),
    }
  })
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
