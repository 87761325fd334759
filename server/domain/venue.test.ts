import { describe, expect, it } from 'vitest'
import { refuseVenue, type VenueFields } from './venue.ts'

const fields: VenueFields = {
  name: 'Konzerthaus',
  timeZone: 'Europe/Vienna',
  address: 'Lothringerstraße 20',
  city: 'Wien',
  country: 'AT',
  latitude: 48.2,
  longitude: 16.377,
}

describe('a venue', () => {
  it('is taken anywhere in the world', () => {
    expect(refuseVenue(fields)).toBeNull()
    expect(refuseVenue({ ...fields, timeZone: 'America/Argentina/Ushuaia' })).toBeNull()
    expect(refuseVenue({ ...fields, timeZone: 'UTC', latitude: -90, longitude: 180 })).toBeNull()
  })

  it.each<[string, Partial<VenueFields>]>([
    ['name', { name: 'A\tB' }],
    ['name', { name: ' A' }],
    ['timeZone', { timeZone: 'Europe/Atlantis' }],
    ['timeZone', { timeZone: '+02:00' }],
    ['timeZone', { timeZone: '' }],
    ['address', { address: '' }],
    ['city', { city: '\u200b' }],
    ['country', { country: 'at' }],
    ['country', { country: 'ZZ' }],
    ['country', { country: 'EU' }],
    ['latitude', { latitude: 90.01 }],
    ['latitude', { latitude: Number.NaN }],
    ['longitude', { longitude: -180.5 }],
    ['longitude', { longitude: Number.POSITIVE_INFINITY }],
  ])('names the faulty %s of %j', (field, changes) => {
    expect(refuseVenue({ ...fields, ...changes })).toMatchObject({
      code: 'BAD_INPUT',
      details: { faults: [{ field }] },
    })
  })
})
