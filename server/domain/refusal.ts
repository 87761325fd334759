/**
 * Every expected "no", from one closed list (refusals/refusal-table.ts). The domain returns a
 * refusal, a use-case throws it, and transport/errors.ts puts it on the wire.
 */
import { refusalTable } from './refusals/refusal-table.ts'

export type RefusalCode = keyof typeof refusalTable

/** Whether the same request, sent again unchanged, could end differently without anybody acting. */
export const refusals = Object.fromEntries(
  Object.entries(refusalTable).map(([code, { retryAfterMs }]) => [
    code,
    { transient: retryAfterMs !== null },
  ]),
) as Readonly<Record<RefusalCode, { readonly transient: boolean }>>

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
