/** What is said of losses of regions: a line each, median and worst of all, and the faults. */
import type { Loss } from './lose-region.ts'

/** What was promised (docs/failover.md). */
const keptShareWished = 0.99
/** A hold that was copied lives as long as before; clocks and round trips are within this. */
const lifeOffMsMax = 2_000

export function lossLine(run: number, losses: readonly Loss[]): string {
  const loss = losses.at(-1)
  if (loss === undefined) return ''
  const { victim, by, liveHolds, holdsKept, troubles, lost, twice } = loss
  const codes = new Map<string, number>()
  for (const { path, code } of troubles) {
    codes.set(`${path} ${code}`, (codes.get(`${path} ${code}`) ?? 0) + 1)
  }
  const said = [...codes].map(([code, count]) => `${count} ${code}`).join(', ')
  return [
    `run ${run}: ${victim} lost, ${by} sells`,
    `taken over ${seconds(loss.takenOverMs)}`,
    `first hold ${seconds(loss.firstHoldMs)}`,
    `first sale ${seconds(loss.firstSaleMs)}`,
    `holds ${holdsKept} of ${liveHolds} (life off by ${Math.round(loss.lifeOffMs)} ms at most)`,
    `sales ${loss.paidBefore} before, ${loss.paidAfter} after`,
    `lost ${lost.length}, twice ${twice.length}`,
    `fans saw ${said === '' ? 'nothing' : said}`,
    `back in ${seconds(loss.backMs)}`,
  ].join('; ')
}

export function lossSummary(losses: readonly Loss[]): string {
  const of = (name: string, figures: readonly number[]) => {
    const sorted = figures.toSorted((one, other) => one - other)
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
    return `  ${name.padEnd(12)} median ${seconds(median)}, worst ${seconds(sorted.at(-1) ?? Number.NaN)}`
  }
  const { kept, live } = holdsOf(losses)
  return [
    `${losses.length} losses, from the kill on:`,
    of(
      'taken over',
      losses.map((loss) => loss.takenOverMs),
    ),
    of(
      'first hold',
      losses.map((loss) => loss.firstHoldMs),
    ),
    of(
      'first sale',
      losses.map((loss) => loss.firstSaleMs),
    ),
    `  live holds still there: ${kept} of ${live} (${((100 * kept) / live).toFixed(2)}%)`,
  ].join('\n')
}

export function faultsOfLosses(losses: readonly Loss[]): string[] {
  const { kept, live } = holdsOf(losses)
  const few = `${kept} of ${live} live holds were still there`
  return [
    ...losses.flatMap(({ lost, twice }) => [...lost, ...twice.map((unit) => `${unit} sold twice`)]),
    ...losses.flatMap(({ troubles }) =>
      troubles
        .filter(({ transient, outcome }) => !transient && outcome === 'refused')
        .map(({ path, code }) => `a fan was refused for good: ${path} ${code}`),
    ),
    ...losses
      .filter(({ lifeOffMs }) => lifeOffMs > lifeOffMsMax)
      .map(({ lifeOffMs }) => `a hold lives ${Math.round(lifeOffMs)} ms longer or shorter`),
    ...(live > 0 && kept / live < keptShareWished ? [few] : []),
  ]
}

function holdsOf(losses: readonly Loss[]) {
  const sum = (of: (loss: Loss) => number) => losses.reduce((all, loss) => all + of(loss), 0)
  return { kept: sum((loss) => loss.holdsKept), live: sum((loss) => loss.liveHolds) }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}
