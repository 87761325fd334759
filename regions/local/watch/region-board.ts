/** The board of several regions: one line for each, and what they sell together. Pure. */
import { milliseconds, type Paint, shown, sparkline } from './board.ts'
import type { Figures } from './figures.ts'

export type RegionFigures = {
  readonly name: string
  readonly state: 'up' | 'paused' | 'down'
  /** Null: its server does not answer. */
  readonly figures: Figures | null
}

const refusalsShown = 4
const titles = ['tickets/s', 'in all', 'held/s', 'refused/s', 'faults/s', 'hold p50', 'p99']
const confirmTitles = ['pay p50', 'p99']
const cellWidth = 10

/** @param history tickets a second of all together, oldest first */
export function regionBoardLines(
  regions: readonly RegionFigures[],
  { history, paint }: { readonly history: readonly number[]; readonly paint: Paint },
): string[] {
  const { bold, dim, red } = paint
  const nameWidth = Math.max(...regions.map(({ name }) => name.length)) + 2
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(cellWidth)).join('')}`
  const lines = regions.flatMap(({ name, state, figures }) => {
    if (state !== 'up') return [`${name.padEnd(nameWidth)}${red(`  is ${state}`)}`]
    if (figures === null) return [`${name.padEnd(nameWidth)}${red('  does not answer')}`]
    const bad = complaints(figures)
    return [
      row(name, cellsOf(figures)),
      ...(bad.length === 0 ? [] : [`${''.padEnd(nameWidth)}${red(`  ${bad.join('   ')}`)}`]),
    ]
  })
  const all = sum(regions, ({ ticketsPerSecond }) => ticketsPerSecond)
  const inAll = sum(regions, ({ ticketsInAll }) => ticketsInAll)
  return [
    `${bold(`${shown(all)} tickets/s`)}  ${sparkline(history)}  ${dim(`${shown(inAll)} in all`)}`,
    '',
    dim(row('region', [...titles, ...confirmTitles])),
    ...lines,
    '',
    `${dim('refused   ')}${refusals(regions) || dim('nobody')}`,
  ]
}

/** For what is no terminal. */
export function regionBoardLine(regions: readonly RegionFigures[]): string {
  const parts = regions.map(({ name, state, figures }) => {
    if (state !== 'up') return `${name} is ${state}`
    if (figures === null) return `${name} does not answer`
    const confirm = figures.calls.find((call) => call.name === 'checkout.confirm')
    return `${name} ${shown(figures.ticketsPerSecond)} tickets/s, ${shown(figures.heldPerSecond)} places held/s, confirm p99 ${milliseconds(confirm?.p99Ms ?? null)}`
  })
  return parts.join('; ')
}

function cellsOf(figures: Figures): readonly string[] {
  const refused = figures.refusals.reduce((all, { perSecond }) => all + perSecond, 0)
  const times = ['holds.place', 'checkout.confirm'].flatMap((name) => {
    const call = figures.calls.find((one) => one.name === name)
    return [milliseconds(call?.p50Ms ?? null), milliseconds(call?.p99Ms ?? null)]
  })
  return [
    shown(figures.ticketsPerSecond),
    String(figures.ticketsInAll),
    shown(figures.heldPerSecond),
    shown(refused),
    shown(figures.faultsPerSecond),
    ...times,
  ]
}

/** Only what is not well is worth a line. */
function complaints(figures: Figures): string[] {
  const { oldestDueSeconds, stuckOrders, connections, holdBook } = figures
  return [
    ...(holdBook ? [] : ['hold book out of reach']),
    ...(oldestDueSeconds > 30 ? [`outbox ${shown(oldestDueSeconds)} s behind`] : []),
    ...(stuckOrders > 0 ? [`${stuckOrders} orders stuck`] : []),
    ...(connections.waiting > 0 ? [`${connections.waiting} wait for a connection`] : []),
  ]
}

function refusals(regions: readonly RegionFigures[]): string {
  const rates = new Map<string, number>()
  for (const { figures } of regions) {
    for (const { code, perSecond } of figures?.refusals ?? []) {
      rates.set(code, (rates.get(code) ?? 0) + perSecond)
    }
  }
  const sorted = [...rates].sort(([, a], [, b]) => b - a).slice(0, refusalsShown)
  return sorted.map(([code, perSecond]) => `${code} ${shown(perSecond)}/s`).join('  ')
}

function sum(regions: readonly RegionFigures[], of: (figures: Figures) => number): number {
  return regions.reduce((all, { figures }) => all + (figures === null ? 0 : of(figures)), 0)
}
