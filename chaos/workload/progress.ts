/** How soon a system that was healed sells again: until somebody who asked afterwards was told so. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Sales } from './sales.ts'

export type Progress = {
  /** Healed: milliseconds since the Unix epoch, as in histories. */
  readonly at: number
  readonly homes: readonly string[]
  readonly withinMs: number
  readonly signal?: AbortSignal
}

/** @returns seconds from then on until the first sale of each home region; null: none came in time */
export async function firstSaleAfter(
  sales: Pick<Sales, 'since' | 'onSale'>,
  { at, homes, withinMs, signal }: Progress,
): Promise<Record<string, number | null>> {
  const first = new Map<string, number>()
  const over = new AbortController()
  const note = (home: string, paidAt: number) => {
    if (!homes.includes(home)) return
    first.set(home, Math.min(paidAt, first.get(home) ?? Number.POSITIVE_INFINITY))
    if (first.size === new Set(homes).size) over.abort()
  }
  const unsubscribe = sales.onSale(({ home, askedAt, paidAt }) => {
    if (askedAt >= at) note(home, paidAt)
  })
  try {
    for (const home of homes) for (const { paidAt } of sales.since(at, home)) note(home, paidAt)
    const leftMs = at + withinMs - (performance.timeOrigin + performance.now())
    const ends = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])])
    if (leftMs > 0) await wait(leftMs, undefined, { signal: ends }).catch(() => undefined)
  } finally {
    unsubscribe()
  }
  const seconds = (home: string) => {
    const paidAt = first.get(home)
    return paidAt === undefined || paidAt > at + withinMs ? null : (paidAt - at) / 1000
  }
  return Object.fromEntries(homes.map((home) => [home, seconds(home)]))
}
