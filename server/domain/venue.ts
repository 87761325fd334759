/** A venue: where doors are, and in which time zone they open. */
import type { OrganisationId, VenueId } from '../platform/ids.ts'
import { addressMaxCharacters, cityMaxCharacters, nameMaxCharacters } from './catalogue-limits.ts'
import { badInput, faultUnless, lineFaults } from './field-fault.ts'
import { isCountry, isTimeZone } from './place-codes.ts'
import type { Refusal } from './refusal.ts'

/** What an organiser says of a venue. */
export type VenueFields = {
  readonly name: string
  /** IANA name, such as `Europe/Vienna`. */
  readonly timeZone: string
  readonly address: string
  readonly city: string
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string
  /** Degrees, -90 to 90. */
  readonly latitude: number
  /** Degrees, -180 to 180. */
  readonly longitude: number
}

export type Venue = VenueFields & {
  readonly id: VenueId
  readonly organisation: OrganisationId
  readonly version: number
}

/** What is wrong with these fields, or null. */
export function refuseVenue(fields: VenueFields): Refusal | null {
  const { latitude, longitude } = fields
  return badInput([
    ...lineFaults('name', fields.name, nameMaxCharacters),
    ...faultUnless(isTimeZone(fields.timeZone), 'timeZone', 'must be an IANA name: Europe/Vienna'),
    ...lineFaults('address', fields.address, addressMaxCharacters),
    ...lineFaults('city', fields.city, cityMaxCharacters),
    ...faultUnless(isCountry(fields.country), 'country', 'must be an ISO 3166 code: AT'),
    // Not-a-number fails the comparison too.
    ...faultUnless(Math.abs(latitude) <= 90, 'latitude', 'must be from -90 to 90 degrees'),
    ...faultUnless(Math.abs(longitude) <= 180, 'longitude', 'must be from -180 to 180 degrees'),
  ])
}

const fieldNames = [
  'name',
  'timeZone',
  'address',
  'city',
  'country',
  'latitude',
  'longitude',
] as const satisfies readonly (keyof VenueFields)[]

export function sameVenue(one: VenueFields, other: VenueFields): boolean {
  return fieldNames.every((field) => one[field] === other[field])
}
