/**
 * Every expected "no", in one closed list. The domain returns a refusal, a use-case throws it,
 * and one table (transport/errors.ts) gives it its HTTP status. `transient` says whether the same
 * request, sent again unchanged, could end differently without anybody acting: only then may a
 * client repeat it by itself.
 */

export const refusals = {
  NOT_SIGNED_IN: { transient: false },
  NOT_ALLOWED: { transient: false },
  NOT_FOUND: { transient: false },
  BAD_INPUT: { transient: false },
  TOO_LARGE: { transient: false },
  KEY_REUSED: { transient: false },
  EDIT_CONFLICT: { transient: false },
  WRONG_STATE: { transient: false },
  SEAT_MAP_FAULTY: { transient: false },
  PRICES_INCOMPLETE: { transient: false },
  SALE_NOT_OPEN: { transient: false },
  SALE_CLOSED: { transient: false },
  EVENT_CANCELLED: { transient: false },
  SEATS_UNKNOWN: { transient: false },
  SEATS_TAKEN: { transient: false },
  SOLD_OUT: { transient: false },
  NOT_TOGETHER: { transient: false },
  LIMIT_REACHED: { transient: false },
  HOLD_EXPIRED: { transient: false },
  HOLD_AT_CAP: { transient: false },
  HOLD_TOKEN_INVALID: { transient: false },
  ORDER_ENDED: { transient: false },
  CARD_DECLINED: { transient: false },
  PAYMENT_UNAVAILABLE: { transient: true },
  OUTCOME_UNKNOWN: { transient: true },
  CONTENTION: { transient: true },
  OLD_EPOCH: { transient: true },
  UNAVAILABLE: { transient: true },
  RATE_LIMITED: { transient: true },
  WRONG_CREDENTIALS: { transient: false },
  EMAIL_UNVERIFIED: { transient: false },
  CODE_WRONG: { transient: false },
  PASSWORD_UNFIT: { transient: false },
  SESSION_ENDED: { transient: false },
  REASON_NEEDED: { transient: false },
  LAST_OWNER: { transient: false },
  INVITATION_ENDED: { transient: false },
} as const satisfies Record<string, { readonly transient: boolean }>

export type RefusalCode = keyof typeof refusals

export type Refusal = {
  readonly code: RefusalCode
  /** What was wrong and what to do, in a sentence a person can read. No personal data. */
  readonly message: string
  /** Facts for programs: units, limits, faults. JSON values only, never secrets. */
  readonly details?: Readonly<Record<string, unknown>>
  /** When to come back, where this refusal knows it better than its code does. */
  readonly retryAfterMs?: number
}

export function refusal(
  code: RefusalCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): Refusal {
  return details === undefined ? { code, message } : { code, message, details }
}

/** A refusal on its way out of a use-case; nothing else is thrown for an expected "no". */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: Refusal

  constructor(refused: Refusal, options?: ErrorOptions) {
    super(refused.message, options)
    this.refusal = refused
  }
}

/** Throws the refusal: the one way out of a use-case for an expected "no". */
export function refuse(
  code: RefusalCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): never {
  throw new RefusedError(refusal(code, message, details))
}
