/** The faults with the numbers under which all pictures and tables of the page know them. */
import type { FeltFault, Report } from '../report.ts'
import { duration } from './shown.ts'
import type { TimeAxis } from './time-axis.ts'

export type NumberedFault = FeltFault & { readonly number: number }

export function numberedFaults({ faults }: Pick<Report, 'faults'>): NumberedFault[] {
  const inOrder = [...faults].sort((a, b) => a.injectedAt - b.injectedAt)
  return inOrder.map((fault, index) => ({ ...fault, number: index + 1 }))
}

/** One that was never healed stands to the end of the picture. */
export function extentOf(fault: FeltFault, axis: TimeAxis): { from: number; to: number } {
  const from = axis.x(fault.injectedAt)
  const to = axis.x(fault.healedAt ?? axis.startedAt + axis.lengthMs)
  // A fault of a moment must be seen too.
  return { from, to: Math.max(to, from + 2) }
}

/** `2. region.lost of us-east1 (all its processes are killed), 0:20 to 0:50, met 14 times`. */
export function sentenceOf(fault: NumberedFault, axis: TimeAxis): string {
  const { number, kind, where, said, injectedAt, healedAt } = fault
  const until = healedAt === null ? 'never healed' : `to ${axis.since(healedAt)}`
  return `${number}. ${kind} of ${where} (${said}), ${axis.since(injectedAt)} ${until}, ${feltOf(fault)}`
}

export function feltOf({ felt }: FeltFault): string {
  if (felt === 0) return 'never met'
  return felt === 1 ? 'met once' : `met ${felt} times`
}

export function lengthOf({ injectedAt, healedAt }: FeltFault): string {
  return healedAt === null ? 'never healed' : duration(healedAt - injectedAt)
}
