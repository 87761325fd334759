/** The catalogue's shapes. What values mean and which are allowed, the domain says; bounds of size stand here. */
import { z } from 'zod'
import { limits } from '../platform/limits.ts'
import * as shapes from './shapes.ts'

const { text } = shapes
const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2027-05-01T18:00:00Z' })
  .transform((value) => new Date(value))
const whole = z.int()

export const venueFields = {
  name: text(200),
  timeZone: text(64),
  address: text(400),
  city: text(200),
  country: text(2),
  latitude: z.number(),
  longitude: z.number(),
}

export const eventFields = {
  venue: shapes.venueId,
  seatMapHash: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be the hash of a seat map' }),
  name: text(200),
  description: text(10_000),
  category: text(100),
  startsAt: instant,
  opensAt: instant,
  closesAt: instant,
  limitPerBuyer: whole,
  holdMinutes: whole.default(limits.holdMinutesDefault),
  currency: text(3),
  fees: z.strictObject({ fixed: whole, basisPoints: whole }).default({ fixed: 0, basisPoints: 0 }),
}

export const eventChanges = z.strictObject({
  ...z.object(eventFields).partial().shape,
  holdMinutes: whole.optional(),
  fees: z.strictObject({ fixed: whole, basisPoints: whole }).optional(),
})

const priceRule = z.strictObject({
  price: whole,
  from: instant.nullable().default(null),
  until: instant.nullable().default(null),
  whileTakenBelow: whole.nullable().default(null),
})

export const priceTier = z.strictObject({
  id: text(100),
  name: text(200),
  sections: z.array(text(40)).max(500),
  rules: z.array(priceRule).max(100),
})

export const version = z.int().min(1)

const status = z.enum(['draft', 'published', 'on_sale', 'ended', 'cancelled'])

export const venue = z.object({
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  address: z.string(),
  city: z.string(),
  country: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  version: z.int(),
})

export const eventSummary = z.object({
  id: z.string(),
  name: z.string(),
  category: z.string(),
  status,
  startsAt: z.string(),
  opensAt: z.string(),
  closesAt: z.string(),
  currency: z.string(),
  venue: venue.pick({ id: true, name: true, city: true, country: true, timeZone: true }),
})

export const event = z.object({
  ...eventSummary.shape,
  description: z.string(),
  venue,
  homeRegion: z.string(),
  seatMapHash: z.string(),
  units: z.int(),
  limitPerBuyer: z.int(),
  holdMinutes: z.int(),
  tiers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      sections: z.array(z.string()),
      /** What a place costs now in minor units; null: not for sale at this time. */
      price: z.int().nullable(),
      fee: z.int().nullable(),
    }),
  ),
})

const seat = z.object({
  name: z.string(),
  x: z.number(),
  y: z.number(),
  gapAfter: z.literal(true).optional(),
})

export const section = z.object({
  name: z.string(),
  kind: z.enum(['seated', 'standing']),
  firstUnit: z.int(),
  units: z.int(),
  /** Left out where a section was not asked for by its name. */
  rows: z
    .array(z.object({ name: z.string(), firstUnit: z.int(), seats: z.array(seat) }))
    .optional(),
})

export const seatMap = z.object({
  hash: z.string(),
  name: z.string(),
  units: z.int(),
  sections: z.array(section),
})

export const seatMapEntry = z.object({
  hash: z.string(),
  venue: z.string(),
  name: z.string(),
  version: z.int(),
  units: z.int(),
})

/** An event as its organisation sees it. */
export const managedEvent = z.object({
  id: z.string(),
  organisation: z.string(),
  venue: z.string(),
  homeRegion: z.string(),
  seatMapHash: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  state: z.enum(['draft', 'publishing', 'published', 'cancelled']),
  startsAt: z.string(),
  opensAt: z.string(),
  closesAt: z.string(),
  limitPerBuyer: z.int(),
  holdMinutes: z.int(),
  currency: z.string(),
  fees: z.object({ fixed: z.int(), basisPoints: z.int() }),
  units: z.int(),
  version: z.int(),
})

export const managedTier = z.object({
  id: z.string(),
  name: z.string(),
  sections: z.array(z.string()),
  rules: z.array(
    z.object({
      price: z.int(),
      from: z.string().nullable(),
      until: z.string().nullable(),
      whileTakenBelow: z.int().nullable(),
    }),
  ),
})

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
