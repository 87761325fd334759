/**
 * Stripe's test cards (docs.stripe.com/testing): which name or number leads to which outcome.
 *
 * Like Stripe, using `pm_card_visa` makes a payment method of its own (`pm_1…`). Its id carries the
 * card's place in this table, so nothing has to be remembered. Therefore: add cards at the end only.
 */
import { newId } from './identifiers.ts'

export interface Decline {
  readonly code: string
  readonly declineCode: string | null
  readonly message: string
  readonly adviceCode: string | null
}

export type CardOutcome =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'authenticate'; readonly decline: Decline | null }
  | { readonly kind: 'processing' }

export interface TestCard {
  readonly names: readonly string[]
  readonly number: string
  readonly brand: string
  readonly outcome: CardOutcome
}

function decline(code: string, declineCode: string | null, message: string): Decline {
  const later = declineCode === 'insufficient_funds' || declineCode === 'processing_error'
  return { code, declineCode, message, adviceCode: later ? 'try_again_later' : null }
}

const declined = 'Your card was declined.'

export const declines = {
  generic: decline('card_declined', 'generic_decline', declined),
  insufficientFunds: decline(
    'card_declined',
    'insufficient_funds',
    'Your card has insufficient funds.',
  ),
  lost: decline('card_declined', 'lost_card', declined),
  stolen: decline('card_declined', 'stolen_card', declined),
  fraudulent: decline('card_declined', 'fraudulent', declined),
  velocity: decline(
    'card_declined',
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  expired: decline('expired_card', 'expired_card', 'Your card has expired.'),
  incorrectCvc: decline(
    'incorrect_cvc',
    'incorrect_cvc',
    "Your card's security code is incorrect.",
  ),
  processing: decline(
    'processing_error',
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
  ),
  authenticationRequired: decline(
    'authentication_required',
    'authentication_required',
    'Your card was declined. This transaction requires authentication.',
  ),
  authenticationFailed: decline(
    'payment_intent_authentication_failure',
    null,
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  ),
  bankAccountClosed: decline(
    'payment_method_provider_decline',
    null,
    'The payment was not completed by the bank.',
  ),
} as const

const succeeds: CardOutcome = { kind: 'succeeds' }

function refuses(reason: Decline): CardOutcome {
  return { kind: 'declined', decline: reason }
}

function authenticates(then: Decline | null): CardOutcome {
  return { kind: 'authenticate', decline: then }
}

function card(names: string, number: string, outcome: CardOutcome): TestCard {
  const brands: Record<string, string> = { 3: 'amex', 5: 'mastercard', 6: 'discover' }
  return { names: names.split(' '), number, brand: brands[number.charAt(0)] ?? 'visa', outcome }
}

/** Add at the end only: ids of payment methods carry the position. */
export const testCards: readonly TestCard[] = [
  card('pm_card_visa pm_card_us', '4242424242424242', succeeds),
  card('pm_card_visa_debit', '4000056655665556', succeeds),
  card('pm_card_mastercard', '5555555555554444', succeeds),
  card('pm_card_amex pm_card_amex_threeDSecureNotSupported', '378282246310005', succeeds),
  card('pm_card_discover', '6011111111111117', succeeds),
  card(
    'pm_card_chargeDeclined pm_card_visa_chargeDeclined',
    '4000000000000002',
    refuses(declines.generic),
  ),
  card(
    'pm_card_chargeDeclinedInsufficientFunds pm_card_visa_chargeDeclinedInsufficientFunds',
    '4000000000009995',
    refuses(declines.insufficientFunds),
  ),
  card('pm_card_visa_chargeDeclinedLostCard', '4000000000009987', refuses(declines.lost)),
  card('pm_card_visa_chargeDeclinedStolenCard', '4000000000009979', refuses(declines.stolen)),
  card(
    'pm_card_chargeDeclinedFraudulent pm_card_radarBlock',
    '4100000000000019',
    refuses(declines.fraudulent),
  ),
  card(
    'pm_card_visa_chargeDeclinedVelocityLimitExceeded',
    '4000000000006975',
    refuses(declines.velocity),
  ),
  card(
    'pm_card_chargeDeclinedExpiredCard pm_card_visa_chargeDeclinedExpiredCard',
    '4000000000000069',
    refuses(declines.expired),
  ),
  card(
    'pm_card_chargeDeclinedIncorrectCvc pm_card_visa_chargeDeclinedIncorrectCvc',
    '4000000000000127',
    refuses(declines.incorrectCvc),
  ),
  card(
    'pm_card_chargeDeclinedProcessingError pm_card_visa_chargeDeclinedProcessingError',
    '4000000000000119',
    refuses(declines.processing),
  ),
  card(
    'pm_card_threeDSecure2Required pm_card_threeDSecureRequired',
    '4000000000003220',
    authenticates(null),
  ),
  card('pm_card_authenticationRequired', '4000002760003184', authenticates(null)),
  card('pm_card_authenticationRequiredOnSetup', '4000002500003155', authenticates(null)),
  card(
    'pm_card_threeDSecureRequiredChargeDeclined',
    '4000008400001629',
    authenticates(declines.generic),
  ),
  card(
    'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    '4000008260003178',
    authenticates(declines.insufficientFunds),
  ),
  card(
    'pm_card_threeDSecureRequiredProcessingError',
    '4000008400001280',
    refuses(declines.processing),
  ),
  card('pm_card_threeDSecureOptional', '4000000000003055', succeeds),
  card('pm_usBankAccount_processing', '000000000009', { kind: 'processing' }),
]

const byName = new Map<string, number>()
for (const [position, { names, number }] of testCards.entries()) {
  for (const name of names) byName.set(name, position)
  byName.set(number, position)
}

const prefix = 'pm_1'
const positionDigits = 3

/**
 * The payment method for a test card's name (`pm_card_visa`), its number, or an id that was made
 * here before; undefined when there is none.
 */
export function findPaymentMethod(name: string): string | undefined {
  const position = byName.get(name.replaceAll(' ', ''))
  if (position !== undefined) {
    return newId(prefix + String(position).padStart(positionDigits, '0'))
  }
  return testCards[positionOf(name)] === undefined ? undefined : name
}

/** The card behind an id that `findPaymentMethod` gave. */
export function cardOf(paymentMethod: string): TestCard {
  const found = testCards[positionOf(paymentMethod)]
  if (found === undefined)
    throw new Error(`Not a payment method of the simulator: ${paymentMethod}`)
  return found
}

/** Only bank debits are processed for days. */
export function methodType(paymentMethod: string): 'card' | 'us_bank_account' {
  return cardOf(paymentMethod).outcome.kind === 'processing' ? 'us_bank_account' : 'card'
}

function positionOf(paymentMethod: string): number {
  if (!paymentMethod.startsWith(prefix)) return -1
  const digits = paymentMethod.slice(prefix.length, prefix.length + positionDigits)
  return /^\d{3}$/.test(digits) ? Number(digits) : -1
}
