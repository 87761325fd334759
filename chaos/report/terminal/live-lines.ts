/** The view of a running drill, as lines of text: pure, so that what a person sees can be tested. */
import { type Paint, shown, sparkline } from '../../../regions/local/watch/board.ts'
import { clock, duration } from '../html/shown.ts'
import type { RegionNow, StandingFault } from './live-figures.ts'

/** What is to be seen fits into a terminal of this width. */
export const columnsMin = 80
const notesShown = 4

export type Plan = {
  readonly scenario: string
  readonly title: string
  readonly seed: number
  readonly startedAt: number
  /** About how long it takes; null: nobody can say. */
  readonly totalMs: number | null
  readonly regions: readonly string[]
}

export type Moment = {
  readonly at: number
  readonly plan: Plan
  readonly regions: readonly RegionNow[]
  readonly faults: readonly StandingFault[]
  /** Newest last. */
  readonly notes: readonly string[]
  readonly sold: number
}

export function liveLines(moment: Moment, paint: Paint): string[] {
  const { plan, regions, notes } = moment
  const { bold, dim } = paint
  const widest = Math.max(...regions.map(({ region }) => region.length), 6)
  const nameWidth = Math.min(widest, 18) + 1
  const heads = ['sales/s', 'holds/s', 'p99', 'refused/s']
  const titles = heads.map((title, index) => title.padStart(widths[index] ?? 0)).join('')
  return [
    `${bold(cut(plan.scenario, 24))}  ${dim('seed')} ${plan.seed}  ${dim('at')} ${passed(moment)}  ${dim('sold')} ${moment.sold}`,
    dim(cut(plan.title, columnsMin - 1)),
    '',
    dim(
      `${'region'.padEnd(nameWidth)}${'state'.padEnd(stateWidth)}${''.padEnd(sparkWidth)}${titles}`,
    ),
    ...regions.map((region) => regionLine(region, nameWidth, paint)),
    '',
    ...faultLines(moment, paint),
    ...(notes.length === 0 ? [] : ['']),
    ...notes.slice(-notesShown).map((note) => dim(cut(`· ${note}`, columnsMin - 1))),
    dim('Invariants are judged at the end.'),
  ]
}

const stateWidth = 7
const sparkWidth = 19
const widths = [8, 8, 8, 10]

function regionLine(now: RegionNow, nameWidth: number, { red, dim }: Paint): string {
  const { region, state, sales, salesPerSecond, holdsPerSecond, refusalsPerSecond, p99Ms } = now
  const cells = [
    shown(salesPerSecond),
    shown(holdsPerSecond),
    p99Ms === null ? '-' : duration(p99Ms),
    shown(refusalsPerSecond),
  ]
  const padded = cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')
  const stated = state.padEnd(stateWidth)
  const name = cut(region, nameWidth - 1).padEnd(nameWidth)
  return `${name}${state === 'up' ? dim(stated) : red(stated)}${sparkline(sales).padEnd(sparkWidth)}${padded}`
}

function faultLines({ faults, at }: Moment, { red, dim }: Paint): string[] {
  if (faults.length === 0) return [dim('No fault stands.')]
  return faults.map((fault) => {
    const head = `✗ ${clock(at - fault.at)} ${fault.kind} ${fault.where}`
    const room = columnsMin - 1 - head.length - 2
    return `${red(cut(head, columnsMin - 1))}${room > 8 ? `  ${dim(cut(fault.said, room))}` : ''}`
  })
}

function passed({ at, plan }: Moment): string {
  const elapsed = clock(at - plan.startedAt)
  return plan.totalMs === null ? elapsed : `${elapsed} of about ${clock(plan.totalMs)}`
}

export function cut(text: string, columns: number): string {
  const safe = plain(text)
  return safe.length <= columns ? safe : `${safe.slice(0, Math.max(columns - 1, 0))}…`
}

/** Texts of a run may have signs in them that a terminal acts on. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD')
}
