/**
 * An event and its life. Stored: draft, publishing (sealed while its claims are being made),
 * published, cancelled. Whether it is on sale or has ended follows from its window and an instant,
 * and the instant that counts is the database's.
 */
import type { EventId, OrganisationId, VenueId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import {
  categoryMaxCharacters,
  descriptionMaxCharacters,
  feeBasisPointsMax,
  instantMaxMs,
  instantMinMs,
  lateSaleMaxMs,
  limitPerBuyerMax,
  nameMaxCharacters,
} from './catalogue-limits.ts'
import { amountStep, isCurrency } from './currency.ts'
import {
  badInput,
  type FieldFault,
  faultUnless,
  lineFaults,
  textFaults,
  wholeFaults,
} from './field-fault.ts'
import { amountMax } from './money.ts'
import { type Refusal, refusal } from './refusal.ts'

export const storedStates = ['draft', 'publishing', 'published', 'cancelled'] as const
export type StoredState = (typeof storedStates)[number]

export const eventStatuses = ['draft', 'published', 'on_sale', 'ended', 'cancelled'] as const
export type EventStatus = (typeof eventStatuses)[number]

/** What a ticket costs on top of its price: so many minor units, and a share of the price. */
export type Fees = {
  /** Minor units for each ticket. Free tickets have no fee. */
  readonly fixed: number
  readonly basisPoints: number
}

/** What an organiser says of an event, apart from its prices. */
export type EventFields = {
  readonly venue: VenueId
  /** 64 hexadecimal digits: a seat map of that venue. */
  readonly seatMapHash: string
  readonly name: string
  readonly description: string
  /** A word for filters: `concert`, `ice-hockey`. */
  readonly category: string
  readonly startsAt: Date
  /** The sale is open from here … */
  readonly opensAt: Date
  /** … until just before here. May be up to a day after the start, for the door. */
  readonly closesAt: Date
  readonly limitPerBuyer: number
  readonly holdMinutes: number
  /** ISO 4217, upper case. */
  readonly currency: string
  readonly fees: Fees
}

export type Event = EventFields & {
  readonly id: EventId
  readonly organisation: OrganisationId
  /** As the database names it; the id carries its code. */
  readonly homeRegion: string
  readonly state: StoredState
  /** Capacity: of the seat map. */
  readonly units: number
  readonly version: number
}

/** What the event is at an instant. Being made ready for sale is still a draft to everybody. */
export function statusAt(
  event: Pick<Event, 'state' | 'opensAt' | 'closesAt'>,
  nowMs: number,
): EventStatus {
  if (event.state === 'cancelled') return 'cancelled'
  if (event.state !== 'published') return 'draft'
  if (nowMs >= event.closesAt.getTime()) return 'ended'
  return nowMs >= event.opensAt.getTime() ? 'on_sale' : 'published'
}

/** What is wrong with these fields, or null. */
export function refuseEvent(fields: EventFields): Refusal | null {
  const holdBounds = { min: limits.holdMinutesMin, max: limits.holdMinutesMax }
  return badInput([
    ...lineFaults('name', fields.name, nameMaxCharacters),
    ...textFaults('description', fields.description, descriptionMaxCharacters),
    ...categoryFaults(fields.category),
    ...windowFaults(fields),
    ...wholeFaults('limitPerBuyer', fields.limitPerBuyer, { min: 1, max: limitPerBuyerMax }),
    ...wholeFaults('holdMinutes', fields.holdMinutes, holdBounds),
    ...faultUnless(isCurrency(fields.currency), 'currency', 'must be an ISO 4217 code: EUR'),
    ...feeFaults(fields),
  ])
}

function categoryFaults(category: string): FieldFault[] {
  const fits = category.length <= categoryMaxCharacters && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(category)
  const message = `must be up to ${categoryMaxCharacters} of a-z, 0-9 and hyphens within: ice-hockey`
  return faultUnless(fits, 'category', message)
}

function windowFaults({ startsAt, opensAt, closesAt }: EventFields): FieldFault[] {
  const wrong = Object.entries({ startsAt, opensAt, closesAt }).flatMap(([field, instant]) => {
    const fits = instant.getTime() >= instantMinMs && instant.getTime() < instantMaxMs
    return faultUnless(fits, field, 'must be an instant from 2000 to 2099')
  })
  if (wrong.length > 0) return wrong
  const lateMs = closesAt.getTime() - startsAt.getTime()
  return [
    ...faultUnless(opensAt < closesAt, 'closesAt', 'must be after opensAt'),
    ...faultUnless(lateMs <= lateSaleMaxMs, 'closesAt', 'must be within a day after startsAt'),
  ]
}

function feeFaults({ fees, currency }: EventFields): FieldFault[] {
  const step = amountStep(currency)
  const message = `must be a multiple of ${step} minor units in ${currency}`
  return [
    ...wholeFaults('fees.fixed', fees.fixed, { min: 0, max: amountMax }),
    ...wholeFaults('fees.basisPoints', fees.basisPoints, { min: 0, max: feeBasisPointsMax }),
    ...faultUnless(fees.fixed % step === 0, 'fees.fixed', message),
  ]
}

/** Sold units have numbers of this seat map and prices in this currency: they stay as they are. */
const fixedOncePublished = ['venue', 'seatMapHash', 'currency'] as const

/** Why `event` may not become `next`, or null. */
export function refuseChange(event: Event, next: EventFields): Refusal | null {
  if (event.state === 'cancelled') return refusal('EVENT_CANCELLED', 'The event is cancelled.')
  if (event.state === 'publishing') return refusal('WRONG_STATE', beingPublished)
  const changed = fixedOncePublished.filter((field) => event[field] !== next[field])
  if (event.state === 'published' && changed.length > 0) {
    const message = `A published event keeps its ${changed.join(', ')}. Cancel it and make a new one.`
    return refusal('WRONG_STATE', message, { fields: changed, state: event.state })
  }
  return refuseEvent(next)
}

export const beingPublished =
  'The event is being published. Publish it again to finish that, then change it.'

/** True when the same key was used for the same event. */
export function sameEvent(one: EventFields, other: EventFields): boolean {
  return comparable(one) === comparable(other)
}

function comparable(fields: EventFields): string {
  const { venue, seatMapHash, name, description, category, currency, fees } = fields
  const { limitPerBuyer, holdMinutes } = fields
  const times = [fields.startsAt, fields.opensAt, fields.closesAt].map((time) => time.getTime())
  const texts = [venue, seatMapHash, name, description, category, currency]
  return JSON.stringify([texts, times, limitPerBuyer, holdMinutes, fees.fixed, fees.basisPoints])
}
