/** The shapes of accounts. How long a password must be and which are refused, the domain says. */
import { z } from 'zod'
import { isReadable } from '../domain/readable.ts'
import { idPatterns, type SessionId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'

/** Lower-case, as it is kept. */
export const email = z
  .string()
  .max(limits.emailCharactersMax)
  .toLowerCase()
  .pipe(z.email({ error: 'must be one e-mail address' }))

/** Long enough for any that will be taken, so that one that is not gets the reason. */
export const password = z.string().min(1).max(1_000)

export const code = z
  .string()
  .min(4)
  .max(40)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be a code' })

/** Any script; nothing that hides, reorders or breaks lines. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^(?:[\u200c\u200d]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])+$/u, {
    error: 'must have no invisible characters',
  })
  .refine(isReadable, { error: 'must have something to read' })

export const locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, { error: 'must be a language tag such as de-AT' })

export const region = z.string().max(63)

export const sessionId = z
  .string()
  .regex(idPatterns.ses, { error: 'must be an id that begins with ses_' })
  .transform((value) => value as SessionId)

export const refreshToken = z.string().max(300)
export const challenge = z.string().max(1_000)

export const tokens = z.object({
  kind: z.literal('signed-in'),
  accessToken: z.string(),
  expiresInMs: z.number(),
  refreshToken: z.string(),
})

export const signInAnswer = z.discriminatedUnion('kind', [
  tokens,
  z.object({ kind: z.literal('second-factor'), challenge: z.string() }),
])

export const account = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale: z.string(),
  homeRegion: z.string(),
  hasSecondFactor: z.boolean(),
  createdAt: z.string(),
  /** For `update`: what changed meanwhile is not overwritten. */
  version: z.int(),
})

export const session = z.object({
  id: z.string(),
  isCurrent: z.boolean(),
  signedInAt: z.string(),
  usedAt: z.string(),
  expiresAt: z.string(),
})
