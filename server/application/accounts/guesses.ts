/**
 * Whoever guesses waits: passwords and codes are counted against the address or account they are
 * tried on, whether it exists or not, and against where they come from.
 */
import type { AttemptKind } from '../../domain/attempts.ts'
import type { Services } from '../services.ts'

/** Where a call comes from: the client's address as text. */
export type FromAddress = { readonly address: string }

export type Guess = { readonly kind: AttemptKind; readonly subject: string }

type Judged<T> = { readonly outcome: T; readonly wasRight: boolean }

/** @throws RefusedError RATE_LIMITED: too many wrong ones before */
export async function guessing<T>(
  { attempts, address }: Pick<Services, 'attempts'> & FromAddress,
  guess: Guess,
  work: () => Promise<Judged<T>>,
): Promise<T> {
  const attempt = { ...guess, address }
  await attempts.check(attempt)
  const { outcome, wasRight } = await work()
  if (wasRight) await attempts.succeeded(attempt)
  else await attempts.failed(attempt)
  return outcome
}
