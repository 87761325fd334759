/** How a call to the payment provider can fail; a declined card is an answer, not a failure. */

/** No usable answer: ask again later, or read the intent. Nothing may be concluded from it. */
export class PaymentUnavailableError extends Error {
  override readonly name = 'PaymentUnavailableError'
}

/** The provider says that our request can never work: a bug or a wrong setting of ours. */
export class PaymentRejectedError extends Error {
  override readonly name = 'PaymentRejectedError'
}

/** The key was used for another card or another order: the caller's mistake. */
export class PaymentKeyReusedError extends Error {
  override readonly name = 'PaymentKeyReusedError'
}

/** The provider knows no such card. */
export class CardUnknownError extends Error {
  override readonly name = 'CardUnknownError'
}
