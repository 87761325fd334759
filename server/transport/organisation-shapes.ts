/** The shapes of organisations, their people, invitations, keys and audit entries. */
import { z } from 'zod'
import { roles, scopes } from '../domain/access.ts'
import type { ApiKeyId, InvitationId } from '../platform/ids.ts'
import { idPatterns } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'

export const role = z.enum(roles)
export const scope = z.enum(scopes)

export const invitationId = z
  .string()
  .regex(idPatterns.inv, { error: 'must be an id that begins with inv_' })
  .transform((value) => value as InvitationId)

export const apiKeyId = z
  .string()
  .regex(idPatterns.key, { error: 'must be an id that begins with key_' })
  .transform((value) => value as ApiKeyId)

/** The subject of access tokens: visible ASCII, as OpenID Connect has it. */
export const person = z
  .string()
  .max(limits.outsideSubjectCharactersMax)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be the id of a person' })

export const email = z.string().max(limits.emailCharactersMax)
/** A language tag; whatever it says, there is a letter in some language. */
export const locale = z.string().max(35).default('en')

export const organisation = z.object({ id: z.string(), name: z.string(), version: z.int() })

export const member = z.object({
  person: z.string(),
  role,
  since: z.string(),
  version: z.int(),
})

export const invitation = z.object({
  id: z.string(),
  role,
  /** Null once it has ended. */
  email: z.string().nullable(),
  state: z.enum(['open', 'accepted', 'withdrawn', 'expired']),
  invitedBy: z.string(),
  acceptedBy: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  version: z.int(),
})

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** Finds the key in logs and in secret scanners; opens nothing. */
  prefix: z.string(),
  scopes: z.array(scope),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
})

export const auditEntry = z.object({
  region: z.string(),
  seq: z.int(),
  at: z.string(),
  /** begun: before the action. ended: what became of the one that begunSeq names. */
  phase: z.enum(['begun', 'ended']),
  begunSeq: z.int().nullable(),
  action: z.string(),
  actor: z.object({ kind: z.string(), id: z.string() }),
  /** Null once its time is over. */
  address: z.string().nullable(),
  requestId: z.string(),
  subjects: z.array(z.string()),
  reason: z.string().nullable(),
  input: z.json(),
  before: z.json(),
  after: z.json(),
  outcome: z.string().nullable(),
  hash: z.string(),
})
