/** What a caller got wrong, as the payment provider saw it, in the words of a refusal. */
import { CardUnknownError, PaymentKeyReusedError } from '../domain/payment-failure.ts'
import { refuse } from '../domain/refusal.ts'

/** @throws RefusedError KEY_REUSED | BAD_INPUT, or what the call throws */
export async function orRefused<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    if (cause instanceof PaymentKeyReusedError) {
      refuse('KEY_REUSED', 'This key stands for another payment. Make a new key per try.')
    }
    if (cause instanceof CardUnknownError) {
      refuse('BAD_INPUT', 'There is no such card.', { field: 'paymentMethod' })
    }
    throw cause
  }
}
