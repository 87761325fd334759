/** The same for what is no terminal, such as a log of CI: a line now and then, and one a fault. */
import { shown } from '../../../regions/local/watch/board.ts'
import type { FaultRecord } from '../../evidence/evidence.ts'
import { slowestOf } from '../first-sales.ts'
import { clock, duration } from '../html/shown.ts'
import type { Moment, Plan } from './live-lines.ts'

export function startLine({ scenario, seed, title }: Plan): string {
  return `${scenario}, seed ${seed}: ${title}`
}

export function momentLine({ at, plan, regions, faults, sold }: Moment): string {
  const parts = regions.map(({ region, state, salesPerSecond, p99Ms, unknowns }) => {
    const slow = p99Ms === null ? 'no answers' : `p99 ${duration(p99Ms)}`
    const left = unknowns === 0 ? '' : `, ${unknowns} without an answer`
    return `${region}${state === 'up' ? '' : ` (${state})`} ${shown(salesPerSecond)} sales/s, ${slow}${left}`
  })
  const standing =
    faults.length === 0
      ? ''
      : `; ${faults.length} ${faults.length === 1 ? 'fault stands' : 'faults stand'}`
  return `${clock(at - plan.startedAt)} ${sold} sold; ${parts.join('; ')}${standing}`
}

export function recordLine(record: FaultRecord, { startedAt }: Plan): string {
  const { at, what, kind, where, said, felt } = record
  const time = clock(at - startedAt)
  switch (what) {
    case 'inject':
      return `${time} set ${kind} of ${where}: ${said}`
    case 'heal':
      return `${time} healed ${kind} of ${where}${felt === undefined ? '' : `, felt ${felt} times`}`
    case 'progress':
      return `${time} ${progressed(record)}`
    case 'note':
      return `${time} ${said}`
  }
}

function progressed({ said, firstSaleSeconds: seconds }: FaultRecord): string {
  if (seconds === undefined) return said
  const slowest = slowestOf({ seconds })
  if (slowest !== null)
    return `sales are back everywhere ${duration(slowest * 1_000)} after ${said}`
  const missing = Object.entries(seconds).filter(([, one]) => one === null)
  return `no sale in ${missing.map(([home]) => home).join(', ')} after ${said}`
}
