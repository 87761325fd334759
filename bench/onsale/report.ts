/** What a run found, for people and for programs. Pure. */
import type { Load } from './load-watch.ts'
import type { GroupFigures } from './measured-groups.ts'
import type { Figures } from './measurements.ts'
import type { Verdict } from './verdict.ts'

/** What is shown of a long list; the JSON has more. */
const disagreementsShown = 20
const disagreementsKept = 1_000
/** Beyond this share of the schedule the generator measured itself. */
const lagShareMax = 0.01

export type Run = {
  readonly fans: number
  readonly seed: number
  /** Null: a burst, `atOnce` inside at once. */
  readonly arrivalsPerSecond: number | null
  readonly atOnce: number | null
  readonly system: string
  readonly units: number
  readonly currency: string
  readonly machine: { readonly cpus: number; readonly model: string; readonly node: string }
  readonly durations: {
    readonly prepareSeconds: number
    readonly saleSeconds: number
    readonly settleSeconds: number
  }
  /** How late the generator was with the latest fan. */
  readonly lagMs: number
  readonly figures: Figures
  /** Apart by where fans are and where their event lives; none of a single place. */
  readonly groups: readonly GroupFigures[]
  readonly load: Load
  readonly verdict: Verdict
}

export type JsonReport = ReturnType<typeof jsonReport>

export function jsonReport(run: Run) {
  const { figures, verdict, load, fans, seed, machine, durations } = run
  return {
    sold: verdict.sold,
    salesPerSecond: rounded(figures.ordersPerSecond),
    ticketsPerSecond: rounded(figures.ticketsPerSecond),
    orders: verdict.paidOrders,
    revenue: verdict.revenue,
    currency: run.currency,
    refusals: figures.refusals,
    retries: figures.retries,
    outcomes: figures.outcomes,
    /** Milliseconds. */
    steps: stepTimes(figures),
    groups: run.groups.map(({ place, isHome, figures: own }) => ({
      fansOf: place,
      event: isHome ? 'home' : 'far',
      salesPerSecond: rounded(own.ordersPerSecond),
      ticketsPerSecond: rounded(own.ticketsPerSecond),
      refusals: own.refusals,
      steps: stepTimes(own),
    })),
    doubleSold: verdict.doubleSold,
    disagreements: verdict.disagreements.slice(0, disagreementsKept),
    disagreementsInAll: verdict.disagreements.length,
    checked: verdict.checked,
    fans,
    seed,
    arrivalsPerSecond: run.arrivalsPerSecond,
    atOnce: run.atOnce,
    system: run.system,
    machine,
    durations: mapped(durations, rounded),
    warmUpMs: figures.warmUpMs,
    load: mapped(load, (value) => Math.round(value * 1000) / 1000),
    generatorLagMs: rounded(run.lagMs),
    isGeneratorLagging: isLagging(run),
  }
}

function stepTimes({ steps }: Figures) {
  return Object.fromEntries(
    Object.entries(steps).map(([step, { count, ...times }]) => [
      step,
      { count, ...mapped(times, rounded) },
    ]),
  )
}

/** @returns lines, the last one without an end */
export function textReport(run: Run): string {
  return [
    headline(run),
    '',
    ...saleLines(run),
    '',
    ...stepLines(run.figures),
    '',
    ...groupLines(run.groups),
    countsLine('Fans', run.figures.outcomes),
    countsLine('Refusals', run.figures.refusals),
    `Retries        ${run.figures.retries} by the clients themselves`,
    '',
    ...verdictLines(run.verdict),
  ].join('\n')
}

function headline({ fans, seed, units, arrivalsPerSecond, atOnce, machine, system }: Run): string {
  const how = arrivalsPerSecond === null ? `${atOnce} inside at once` : `${arrivalsPerSecond}/s`
  return [
    `${fans} fans (seed ${seed}, ${how}) and ${units} places`,
    `on ${machine.cpus} CPUs, Node ${machine.node}; ${system}`,
  ].join('\n')
}

function saleLines(run: Run): string[] {
  const { figures, verdict, load, durations, currency } = run
  const cpuMs = (seconds: number) => ((seconds * 1000) / Math.max(1, verdict.paidOrders)).toFixed(1)
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const rates = `${figures.ordersPerSecond.toFixed(1)} orders/s, ${figures.ticketsPerSecond.toFixed(1)} tickets/s`
  return [
    `Sold           ${verdict.paidOrders} orders, ${verdict.sold} tickets, ${money(verdict.revenue)} ${currency} in ${durations.saleSeconds.toFixed(1)} s`,
    `Rate           ${rates}${figures.warmUpMs > 0 ? `, without the first ${figures.warmUpMs / 1000} s` : ''}`,
    `CPU            ${cpuMs(load.machineCpuSeconds)} ms an order by all programs (${percent(load.machineBusyShare)} busy), ${cpuMs(load.generatorCpuSeconds)} ms of it by this one (${percent(load.generatorCpuSeconds / load.seconds)} of a CPU)`,
    `Generator      its event loop was late by ${load.generatorDelayP99Ms.toFixed(0)} ms (p99), its latest fan by ${run.lagMs.toFixed(0)} ms`,
    ...(isLagging(run)
      ? ['               WARNING: it lagged behind its schedule; these figures are its own']
      : []),
  ]
}

function stepLines({ steps }: Figures): string[] {
  const titles = ['count', 'p50', 'p99', 'p99.9', 'max ms']
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(14)}${cells.map((cell) => cell.padStart(9)).join('')}`
  return [
    row('Step', titles),
    ...Object.entries(steps).map(([step, { count, p50, p99, p999, max }]) =>
      row(step, [String(count), ...[p50, p99, p999, max].map((ms) => ms.toFixed(1))]),
    ),
  ]
}

const groupSteps = ['browse', 'hold', 'complete', 'sale'] as const

/** How far away feels: medians and tails of the steps that a fan waits for. */
function groupLines(groups: readonly GroupFigures[]): string[] {
  if (groups.length === 0) return []
  const width = Math.max(...groups.map(({ place }) => place.length)) + 2
  const row = (place: string, event: string, cells: readonly string[]) =>
    `${place.padEnd(width)}${event.padEnd(6)}${cells.map((cell) => cell.padStart(9)).join('')}`
  const titles = groupSteps.flatMap((step) => [step, 'p99'])
  return [
    row('Fans of', 'event', ['orders/s', 'refused', ...titles]),
    ...groups.map(({ place, isHome, figures }) => {
      const refused = Object.values(figures.refusals).reduce((sum, count) => sum + count, 0)
      const times = groupSteps.flatMap((step) => {
        const { p50, p99 } = figures.steps[step] ?? {}
        return [p50, p99].map((ms) => ms?.toFixed(1) ?? '-')
      })
      const cells = [figures.ordersPerSecond.toFixed(1), String(refused), ...times]
      return row(place, isHome ? 'home' : 'far', cells)
    }),
    '',
  ]
}

function countsLine(title: string, counts: Readonly<Record<string, number>>): string {
  const listed = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return `${title.padEnd(14)} ${listed.length === 0 ? 'none' : listed.join(', ')}`
}

function verdictLines({ disagreements, doubleSold, checked }: Verdict): string[] {
  const whose = ['the public API', ...(checked.database ? ['the rows'] : [])]
  if (checked.ledger) whose.push("the payment provider's ledger")
  const unchecked = [
    ...(checked.database ? [] : ['rows (--database)']),
    ...(checked.ledger ? [] : ["the provider's ledger (--stripe)"]),
  ]
  const note = unchecked.length === 0 ? '' : ` Not checked: ${unchecked.join(' and ')}.`
  if (disagreements.length === 0) {
    return [
      `All agrees: no place sold twice; places, tickets and money match by ${whose.join(', ')}.${note}`,
    ]
  }
  const rest = disagreements.length - disagreementsShown
  return [
    `DISAGREES in ${disagreements.length} points, ${doubleSold} places sold twice:${note}`,
    ...disagreements.slice(0, disagreementsShown).map((sentence) => `  - ${sentence}`),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
  ]
}

function isLagging({ lagMs, durations, arrivalsPerSecond }: Run): boolean {
  return arrivalsPerSecond !== null && lagMs > durations.saleSeconds * 1000 * lagShareMax
}

function money(minorUnits: number): string {
  return (minorUnits / 100).toFixed(2)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function mapped<Name extends string>(
  values: Readonly<Record<Name, number>>,
  change: (value: number) => number,
): Record<Name, number> {
  const entries = Object.entries<number>(values).map(([name, value]) => [name, change(value)])
  return Object.fromEntries(entries) as Record<Name, number>
}
