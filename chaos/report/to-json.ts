/** The report for programs: exactly what `Report` says, with the figures they ask for on top. */
import type { Report } from './report.ts'

export function toJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
