/**
 * Where the money of each intent is: authorised, captured, let go, refunded. It is read from the
 * charges and refunds alone, so that a test can hold it against what a server believes.
 * Always: authorized = captured + voided + (what is still held).
 */
import type { ChargeRecord, IntentRecord, RefundRecord } from './records.ts'

/** Amounts in minor units of `currency`. */
export interface LedgerLine {
  readonly intent: string
  readonly status: string
  readonly currency: string
  readonly amount: number
  readonly authorized: number
  readonly captured: number
  readonly voided: number
  readonly refunded: number
  readonly metadata: Readonly<Record<string, string>>
}

interface Sums {
  readonly intents: number
  readonly authorized: number
  readonly captured: number
  readonly voided: number
  readonly refunded: number
}

/** By currency. */
export type Totals = Readonly<Record<string, Sums>>

/** Sums of the intents that were dropped to bound the memory. */
export interface Dropped {
  readonly intents: number
  readonly totals: Totals
}

export interface LedgerSource {
  readonly charges: { get(id: string): ChargeRecord | undefined }
  readonly refunds: { get(id: string): RefundRecord | undefined }
}

export function ledgerLine(source: LedgerSource, intent: IntentRecord): LedgerLine {
  const sums = { authorized: 0, captured: 0, voided: 0, refunded: 0 }
  for (const id of intent.charges) {
    const charge = source.charges.get(id)
    if (charge?.status !== 'succeeded') continue
    sums.authorized += charge.amount
    sums.captured += charge.amountCaptured
    for (const refund of charge.refunds) sums.refunded += source.refunds.get(refund)?.amount ?? 0
    const released = charge.captured ? charge.amount - charge.amountCaptured : charge.amountRefunded
    sums.voided += released
  }
  const { id, status, currency, amount, metadata } = intent
  return { intent: id, status, currency, amount, ...sums, metadata }
}

export function addTotals(totals: Totals, line: LedgerLine): Totals {
  const { currency } = line
  const sums = totals[currency]
  return {
    ...totals,
    [currency]: {
      intents: (sums?.intents ?? 0) + 1,
      authorized: (sums?.authorized ?? 0) + line.authorized,
      captured: (sums?.captured ?? 0) + line.captured,
      voided: (sums?.voided ?? 0) + line.voided,
      refunded: (sums?.refunded ?? 0) + line.refunded,
    },
  }
}
