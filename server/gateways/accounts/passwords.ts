/**
 * The library's scrypt, a few at a time: a storm of sign-ins waits in a bounded queue of its own
 * and leaves the cores to sales.
 */
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { RefusedError } from '../../domain/refusal.ts'
import { KeyedGate } from '../../platform/keyed-gate.ts'
import { limits } from '../../platform/limits.ts'

export type Passwords = {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (check: { readonly hash: string; readonly password: string }) => Promise<boolean>
}

/** One for the whole server, whatever the number of home regions. */
export function boundedPasswords(
  bounds: { readonly atOnce: number; readonly waitingMax: number } = {
    atOnce: limits.passwordHashesAtOnce,
    waitingMax: limits.passwordHashesWaitingMax,
  },
): Passwords {
  const gate = new KeyedGate({
    width: bounds.atOnce,
    waitingMax: bounds.waitingMax,
    full: () =>
      new RefusedError({
        code: 'RATE_LIMITED',
        message: 'Too many people are signing in just now. Try again in a moment.',
        retryAfterMs: limits.passwordRetryAfterMs,
      }),
  })
  return {
    hash: (password) => gate.pass('scrypt', () => hashPassword(password)),
    verify: (check) => gate.pass('scrypt', () => verifyPassword(check)),
  }
}
