/** When sales were back after each fault, from what the drill measured while it waited for them. */
import type { FaultRecord } from '../evidence/evidence.ts'
import type { Report } from './report.ts'

export type FirstSale = Report['firstSaleSeconds'][number]

/** @param records in their order */
export function firstSalesOf(records: readonly FaultRecord[]): FirstSale[] {
  return records.flatMap((record) => {
    const seconds = record.firstSaleSeconds
    if (record.what !== 'progress' || seconds === undefined) return []
    return [{ after: record.said, at: countedFrom(record, seconds), seconds }]
  })
}

/** The last home to sell again; null: one of them never did. */
export function slowestOf({ seconds }: Pick<FirstSale, 'seconds'>): number | null {
  const all = Object.values(seconds)
  const came = all.filter((one) => one !== null)
  return came.length < all.length || came.length === 0 ? null : Math.max(...came)
}

/** Where no moment is written down: the drill stops waiting with the last of the first sales. */
function countedFrom(record: FaultRecord, seconds: FirstSale['seconds']): number {
  if (record.since !== undefined) return record.since
  const waited = Math.max(0, ...Object.values(seconds).map((one) => one ?? 0))
  return record.at - waited * 1_000
}
