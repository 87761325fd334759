/** The verdict in words for people who know no invariant by its number. Nothing is said that was not checked. */
import type { Finding } from '../auditor/verdict.ts'
import { slowestOf } from './first-sales.ts'
import { count, duration, many } from './html/shown.ts'
import type { Report } from './report.ts'

/** Whole sentences, the gravest first. */
export function boardWords(report: Report): string[] {
  return [soldTwice(report), acknowledged(report), money(report), faults(report)].filter(
    (sentence) => sentence !== null,
  )
}

export function findingOf({ verdict }: Pick<Report, 'verdict'>, id: string): Finding | null {
  return verdict.findings.find((finding) => finding.id === id) ?? null
}

function soldTwice(report: Report): string {
  const finding = findingOf(report, 'I1')
  if (finding === null || finding.checked === 0) {
    return 'Whether a seat was sold twice could not be checked.'
  }
  if (finding.broken === 0) return 'No seat was sold twice.'
  return `${many(finding.broken, 'seat was', 'seats were')} sold twice.`
}

function acknowledged(report: Report): string {
  const { lostAcknowledgements: lost } = report
  if (lost > 0) {
    return `${many(lost, 'order that was', 'orders that were')} acknowledged ${lost === 1 ? 'was' : 'were'} lost.`
  }
  const isChecked = (findingOf(report, 'I3')?.checked ?? 0) > 0
  return isChecked
    ? 'No acknowledged order was lost.'
    : 'Whether acknowledged orders were lost could not be checked.'
}

function money(report: Report): string | null {
  const finding = findingOf(report, 'I6')
  if (finding === null || finding.checked === 0) return null
  if (finding.broken === 0) return 'The money adds up to the cent.'
  return `The money does not add up for ${many(finding.broken, 'order')}.`
}

function faults({ faults: set, firstSaleSeconds }: Report): string {
  if (set.length === 0) return 'Nothing was broken on purpose.'
  const felt = set.filter((one) => one.felt > 0).length
  const said =
    felt === set.length
      ? many(set.length, 'fault')
      : `${many(set.length, 'fault')}, ${felt === 0 ? 'none' : count(felt)} of them felt`
  const slowest = firstSaleSeconds.map(slowestOf)
  if (slowest.length === 0) return `${said}.`
  if (slowest.includes(null)) return `${said}; sales did not come back everywhere after each.`
  const most = Math.max(...slowest.map((one) => one ?? 0))
  return `${said}; sales were back after ${duration(most * 1_000)} at the latest.`
}
