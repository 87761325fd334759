/**
 * better-auth for one home region, as a library: no HTTP handler, no cookies outside, no telemetry,
 * no log (its lines name addresses), no clean-up inside requests. Codes by mail, authenticators and
 * backup codes are its plugins; mail is sent by our use-cases.
 */
import { createHmac } from 'node:crypto'
import type { BetterAuthOptions } from 'better-auth'
import { betterAuth } from 'better-auth'
import { bearer, emailOTP, twoFactor } from 'better-auth/plugins'
import type { AccountRows } from '../../domain/account-rows.ts'
import { limits } from '../../platform/limits.ts'
import { accountAdapter } from './account-adapter.ts'
import { noteCode } from './library-call.ts'
import type { Passwords } from './passwords.ts'

export type LibraryFacts = {
  readonly rows: AccountRows
  readonly passwords: Passwords
  /** Of all regions alike: signs challenges, encrypts secrets of authenticators. */
  readonly secret: string
  readonly newUserId: () => string
  readonly newId: () => string
}

const seconds = (ms: number) => Math.floor(ms / 1000)

export function libraryOptions(facts: LibraryFacts) {
  const { secret, passwords } = facts
  const keyed = (kind: string) => async (text: string) =>
    createHmac('sha256', secret).update(`${kind}:${text}`).digest('base64url')
  return {
    appName: 'Frontrow',
    // Nothing is served there; the library only wants to know its own origin.
    baseURL: 'https://accounts.invalid',
    secret,
    database: accountAdapter(facts.rows),
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    experimental: { instrumentation: { enabled: false } },
    user: { additionalFields: { locale: { type: 'string', required: true } } },
    session: { expiresIn: seconds(limits.sessionLifeMaxMs), disableSessionRefresh: true },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      autoSignIn: false,
      minPasswordLength: limits.passwordCharactersMin,
      maxPasswordLength: limits.passwordCharactersMax,
      password: { ...passwords },
      revokeSessionsOnPasswordReset: true,
    },
    verification: { storeIdentifier: { hash: keyed('identifier') }, disableCleanup: true },
    advanced: {
      ipAddress: { disableIpTracking: true },
      database: {
        generateId: ({ model }) => (model === 'user' ? facts.newUserId() : facts.newId()),
      },
    },
    plugins: [
      emailOTP({
        otpLength: limits.mailCodeDigits,
        expiresIn: seconds(limits.mailCodeMs),
        allowedAttempts: limits.mailCodeAttemptsMax,
        // A plain hash of six digits is no secret.
        storeOTP: { hash: keyed('code') },
        disableSignUp: true,
        changeEmail: { enabled: true },
        sendVerificationOTP: async ({ otp }) => noteCode(otp),
      }),
      twoFactor({
        issuer: 'Frontrow',
        twoFactorCookieMaxAge: seconds(limits.challengeMs),
        accountLockout: {
          enabled: true,
          maxFailedAttempts: limits.secondFactorFailuresMax,
          durationSeconds: seconds(limits.secondFactorRestMs),
        },
      }),
      bearer(),
    ],
  } satisfies BetterAuthOptions
}

export function openLibrary(facts: LibraryFacts) {
  return betterAuth(libraryOptions(facts))
}

export type Library = ReturnType<typeof openLibrary>
