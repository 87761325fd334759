/** Shapes of what is said about regions. */
import { z } from 'zod'

/** As CockroachDB names regions. */
export const regionName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/)

/** A home region whose authority was moved; epoch is the new one. */
export const movedHome = z.object({
  home: z.string(),
  from: z.string(),
  to: z.string(),
  epoch: z.int(),
  /** How long its sales stood still, in milliseconds. */
  pausedMs: z.int(),
})

export const followerStatus = z.object({
  home: z.string(),
  epoch: z.int(),
  /** Number of the last change that was copied; null: none yet. */
  position: z.int().nullable(),
  /** How far its copy of the hold book is behind, in milliseconds; null: not known. */
  lagMs: z.number().nullable(),
  state: z.enum(['following', 'watching', 'snapshot', 'failing']),
})

export const regionStatus = z.object({
  name: z.string(),
  drained: z.boolean(),
  /** Whether one of its servers answered the one that was asked. */
  answers: z.boolean().nullable(),
  homes: z.array(z.object({ home: z.string(), epoch: z.int(), leaseLeftMs: z.int() })),
  followers: z.array(followerStatus),
})
