/** Money is a whole number of minor units (cents) with an ISO 4217 currency. Never a float. */
import { assert } from '../platform/assert.ts'

export type Money = { readonly amount: number; readonly currency: string }

/** Largest amount that Stripe takes in one charge, eight digits of minor units. */
export const amountMax = 99_999_999

export function assertAmount(amount: number): void {
  assert(Number.isSafeInteger(amount), 'an amount is a whole number of minor units')
  assert(amount >= 0, 'an amount is not negative')
}

/** `basisPoints` hundredths of a percent of `amount`, rounded half up. */
export function shareOf(amount: number, basisPoints: number): number {
  assertAmount(amount)
  assert(Number.isInteger(basisPoints) && basisPoints >= 0, 'basis points are whole')
  return Math.floor((amount * basisPoints + 5_000) / 10_000)
}
