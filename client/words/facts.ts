/**
 * What a refusal tells beside its code, read for people. `details` come from a server that may be
 * newer or older than this client: what is not as expected is as good as absent.
 */

export type DeclineKind =
  | 'funds'
  | 'limit'
  | 'expired'
  | 'numbers'
  | 'authentication'
  | 'unsupported'
  | 'passing'
  | 'other'

export type Facts = {
  /** How long to wait, in whole seconds, rounded up; 0: nobody said. */
  readonly waitSeconds: number
  /** Places that one person may have. */
  readonly limit: number | null
  /** Places that this person has, held or bought. */
  readonly already: number | null
  /** How many seats it is about. */
  readonly seats: number | null
  readonly opensAt: Date | null
  /** The name of a section, as the organiser wrote it. */
  readonly section: string | null
  /** How many faults a file or an input has. */
  readonly faults: number | null
  readonly decline: DeclineKind
}

type Details = Readonly<Record<string, unknown>>

export function factsOf(details: Details, retryAfterMs: number): Facts {
  return {
    waitSeconds: Math.ceil(Math.max(0, retryAfterMs) / 1_000),
    limit: countIn(details, 'limit'),
    already: countIn(details, 'already'),
    seats: lengthIn(details, 'units'),
    opensAt: timeIn(details, 'opensAt'),
    section: textIn(details, 'section'),
    faults: lengthIn(details, 'faults'),
    decline: declineKinds[textIn(details, 'declineCode') ?? ''] ?? 'other',
  }
}

/**
 * Stripe's decline codes as far as a fan can do something about them. That a card was reported
 * lost or stolen, or looks like fraud, is not for whoever holds it: those are `other`.
 * https://docs.stripe.com/declines/codes
 */
const declineKinds: Readonly<Record<string, DeclineKind>> = {
  insufficient_funds: 'funds',
  card_velocity_exceeded: 'limit',
  withdrawal_count_limit_exceeded: 'limit',
  expired_card: 'expired',
  incorrect_number: 'numbers',
  invalid_number: 'numbers',
  incorrect_cvc: 'numbers',
  invalid_cvc: 'numbers',
  invalid_expiry_month: 'numbers',
  invalid_expiry_year: 'numbers',
  incorrect_zip: 'numbers',
  authentication_required: 'authentication',
  card_not_supported: 'unsupported',
  currency_not_supported: 'unsupported',
  processing_error: 'passing',
  issuer_not_available: 'passing',
  reenter_transaction: 'passing',
  try_again_later: 'passing',
}

function countIn(details: Details, name: string): number | null {
  const value = details[name]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function lengthIn(details: Details, name: string): number | null {
  const value = details[name]
  return Array.isArray(value) && value.length > 0 ? value.length : null
}

function textIn(details: Details, name: string): string | null {
  const value = details[name]
  return typeof value === 'string' && value !== '' ? value : null
}

function timeIn(details: Details, name: string): Date | null {
  const time = new Date(textIn(details, name) ?? Number.NaN)
  return Number.isNaN(time.getTime()) ? null : time
}
