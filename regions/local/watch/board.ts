/** The board as lines of text: pure, so that what a person sees can be tested. */
import type { CallFigures, Figures } from './figures.ts'

export type Paint = {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
}

const refusalsShown = 6
const sparks = '▁▂▃▄▅▆▇█'

/** @param history tickets a second, oldest first */
export function boardLines(
  figures: Figures,
  { history, paint }: { readonly history: readonly number[]; readonly paint: Paint },
): string[] {
  const { bold, dim, red } = paint
  const { connections, refusals } = figures
  const warn = (text: string, bad: boolean) => (bad ? red(text) : text)
  return [
    `${bold(`${shown(figures.ticketsPerSecond)} tickets/s`)}  ${sparkline(history)}  ${dim(`${figures.ticketsInAll} in all`)}`,
    `${dim('held      ')}${shown(figures.heldPerSecond)} places/s`,
    `${dim('refused   ')}${refusalText(refusals) || dim('nobody')}`,
    `${dim('faults    ')}${warn(`${shown(figures.faultsPerSecond)}/s`, figures.faultsPerSecond > 0)}`,
    '',
    dim(`${'call'.padEnd(18)}${'a second'.padStart(9)}${'p50'.padStart(11)}${'p99'.padStart(11)}`),
    ...figures.calls.map(callLine),
    '',
    [
      `${dim('outbox ')}${warn(`${shown(figures.oldestDueSeconds)} s behind`, figures.oldestDueSeconds > 30)}`,
      `${dim('stuck ')}${warn(String(figures.stuckOrders), figures.stuckOrders > 0)}`,
      `${dim('connections ')}${warn(`${connections.used} of ${connections.max}, ${connections.waiting} wait`, connections.waiting > 0)}`,
    ].join('   '),
    [
      `${dim('event loop ')}${warn(`${shown(figures.eventLoopP99Ms)} ms late (p99)`, figures.eventLoopP99Ms > 250)}`,
      `${dim('memory ')}${Math.round(figures.memoryMegabytes)} MB`,
      `${dim('hold book ')}${figures.holdBook ? 'there' : red('out of reach')}`,
    ].join('   '),
  ]
}

/** For what is no terminal: one line that says the same. */
export function boardLine(figures: Figures): string {
  const [, , confirm] = figures.calls
  const refused = figures.refusals.reduce((sum, { perSecond }) => sum + perSecond, 0)
  const parts = [
    `${shown(figures.ticketsPerSecond)} tickets/s`,
    `${shown(figures.heldPerSecond)} places held/s`,
    `${shown(refused)} refused/s`,
    `${shown(figures.faultsPerSecond)} faults/s`,
    `confirm p99 ${milliseconds(confirm?.p99Ms ?? null)}`,
  ]
  return parts.join(', ')
}

function callLine({ name, perSecond, p50Ms, p99Ms }: CallFigures): string {
  const cells = [milliseconds(p50Ms), milliseconds(p99Ms)].map((text) => text.padStart(11))
  return `${name.padEnd(18)}${shown(perSecond).padStart(9)}${cells.join('')}`
}

function refusalText(refusals: Figures['refusals']): string {
  const parts = refusals.slice(0, refusalsShown)
  return parts.map(({ code, perSecond }) => `${code} ${shown(perSecond)}/s`).join('  ')
}

export function sparkline(history: readonly number[]): string {
  const most = Math.max(...history, 1)
  const bars = history.map((value) => sparks[Math.round((value / most) * (sparks.length - 1))])
  return bars.join('')
}

/** Of histograms only the bound is known that no call exceeded. */
export function milliseconds(value: number | null): string {
  if (value === null) return '-'
  return Number.isFinite(value) ? `≤ ${shown(value)} ms` : '> 30 s'
}

export function shown(value: number): string {
  return value === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1)
}
