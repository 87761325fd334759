/** The shapes that several routers share, in both directions. Dates are ISO text, money is minor units. */
import { z } from 'zod'
import {
  type EventId,
  idPatterns,
  type OrderId,
  type OrganisationId,
  type TicketId,
  type VenueId,
} from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'

const id = <Name extends keyof typeof idPatterns, Id extends string>(name: Name) =>
  z
    .string()
    .regex(idPatterns[name], { error: `must be an id that begins with ${name}_` })
    .transform((value) => value as Id)

export const eventId = id<'evt', EventId>('evt')
export const orderId = id<'ord', OrderId>('ord')
export const ticketId = id<'tkt', TicketId>('tkt')
export const organisationId = id<'org', OrganisationId>('org')
export const venueId = id<'ven', VenueId>('ven')

/**
 * An idempotency key: visible ASCII, so that it means the same in every log, header and region.
 * The bound is Stripe's (https://docs.stripe.com/api/idempotent_requests).
 */
/** Signed by us; long where a fan searched many sections. */
export const holdToken = z.string().min(1).max(16_384)

export const key = z
  .string()
  .min(8, { error: 'must have 8 characters or more: make a UUID once per wish' })
  .max(limits.keyCharactersMax)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be visible ASCII characters' })

/** Text that every store takes: a database has no zero byte, and half a letter is none. */
export const text = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\0\p{Cs}]*$/u, { error: 'must not contain a zero byte or half a letter' })

const count = z.int().min(1).max(limits.unitsPerHoldMax)
const sectionNames = z
  .array(z.string().min(1).max(40))
  .min(1)
  .max(100)
  .refine((names) => new Set(names).size === names.length, { error: 'names a section twice' })

/** What a fan may ask for: named seats, the best ones, or places in a standing area. */
export const seatWish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('units'),
    units: z
      .array(
        z
          .int()
          .min(0)
          .max(limits.unitsPerEventMax - 1),
      )
      .min(1)
      .max(limits.unitsPerHoldMax)
      .refine((units) => new Set(units).size === units.length, { error: 'names a unit twice' }),
  }),
  z.strictObject({ kind: z.literal('best'), count, sections: sectionNames.optional() }),
  z.strictObject({ kind: z.literal('standing'), count, sections: sectionNames.optional() }),
])
export type SeatWish = z.output<typeof seatWish>

export const page = {
  cursor: z.string().max(500).nullish(),
  limit: z.int().min(1).max(limits.pageMax).default(20),
}

export const line = z.object({
  unit: z.int(),
  label: z.string(),
  tier: z.string(),
  price: z.int(),
  fee: z.int(),
})

export const hold = z.object({
  id: z.string(),
  event: z.string(),
  lines: z.array(line),
  currency: z.string(),
  total: z.int(),
  expiresAt: z.string(),
  /** From the moment of the answer: for a countdown that needs no trust in the device's clock. */
  expiresInMs: z.int(),
  token: z.string(),
})

export const order = z.object({
  id: z.string(),
  event: z.string(),
  state: z.enum(['pending', 'paid', 'void']),
  voidReason: z.string().nullable(),
  lines: z.array(line),
  currency: z.string(),
  total: z.int(),
  createdAt: z.string(),
  expiresAt: z.string(),
  paidAt: z.string().nullable(),
  tickets: z.array(z.string()),
  /** Grows with each change. */
  version: z.int(),
})

export const checkout = z.object({
  order,
  payment: z
    .object({
      /** pending: a card is still needed or being checked; authorized and captured: paid. */
      state: z.enum(['pending', 'authorized', 'captured', 'voided']),
      /** For Stripe.js in the fan's browser; only at the start, never logged. */
      clientSecret: z.string().nullable(),
      actionUrl: z.string().nullable(),
    })
    .nullable(),
})

export const ticket = z.object({
  id: z.string(),
  order: z.string(),
  event: z.string(),
  unit: z.int(),
  label: z.string(),
  state: z.enum(['valid', 'void']),
  codeEpoch: z.int(),
  issuedAt: z.string(),
})
