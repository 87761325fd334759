/**
 * Checks of what a caller says about money and cards, shared by create, update and confirm.
 */
import { invalidRequest, resourceMissing } from './api-error.ts'
import type { FormFields } from './form-body.ts'
import { limits } from './limits.ts'
import { minimumAmount, moneyText } from './money-text.ts'
import { readFlag } from './parameters.ts'
import { findPaymentMethod } from './test-cards.ts'

/** Within Stripe's least and greatest amounts for a charge. */
export function checkAmount(amount: number, currency: string): void {
  const least = minimumAmount(currency)
  if (amount < least) {
    const message = `Amount must be at least ${moneyText(least, currency)} ${currency}`
    throw invalidRequest(message, { code: 'amount_too_small', param: 'amount' })
  }
  if (amount > limits.amountMinorUnits) {
    const most = moneyText(limits.amountMinorUnits, currency)
    const message = `Amount must be no more than ${most}`
    throw invalidRequest(message, { code: 'amount_too_large', param: 'amount' })
  }
}

/** Nobody is there to authenticate, or the caller does not want to wait for it. */
export function readAbsent(fields: FormFields): boolean {
  return (
    readFlag(fields, 'off_session') === true ||
    readFlag(fields, 'error_on_requires_action') === true
  )
}

/** Absent stays absent; an unknown one is refused. */
export function resolvePaymentMethod(named: string | undefined): string | undefined {
  if (named === undefined) return undefined
  const found = findPaymentMethod(named)
  if (found === undefined) throw resourceMissing('PaymentMethod', named, 'payment_method')
  return found
}
