import { describe, expect, it } from 'vitest'
import type { EventId, OrganisationId, VenueId } from '../platform/ids.ts'
import { type Event, type EventFields, refuseChange, refuseEvent, statusAt } from './event.ts'

const fields: EventFields = {
  venue: 'ven_01' as VenueId,
  seatMapHash: 'ab',
  name: 'Winter concert',
  description: 'First half.\n\nSecond half.',
  category: 'concert',
  startsAt: new Date('2027-01-10T19:00:00Z'),
  opensAt: new Date('2026-12-01T09:00:00Z'),
  closesAt: new Date('2027-01-10T20:00:00Z'),
  limitPerBuyer: 8,
  holdMinutes: 10,
  currency: 'EUR',
  fees: { fixed: 100, basisPoints: 250 },
}

const event: Event = {
  ...fields,
  id: 'evt_use1_01' as EventId,
  organisation: 'org_01' as OrganisationId,
  homeRegion: 'us-east1',
  state: 'published',
  units: 100,
  version: 3,
}

const faultyFields = (changes: Partial<EventFields>) => {
  const refused = refuseEvent({ ...fields, ...changes })
  if (refused === null) return []
  expect(refused.code).toBe('BAD_INPUT')
  const faults = refused.details?.['faults'] as { field: string }[]
  return faults.map(({ field }) => field)
}

describe('the fields of an event', () => {
  it('are taken when they make sense', () => {
    expect(refuseEvent(fields)).toBeNull()
    expect(refuseEvent({ ...fields, name: '雪の音楽会 👩‍🎤' })).toBeNull()
  })

  it.each<[string, Partial<EventFields>, string[]]>([
    ['an empty name', { name: '' }, ['name']],
    ['a name of blanks', { name: '   ' }, ['name', 'name']],
    ['a name of 201 characters', { name: '€'.repeat(201) }, ['name']],
    ['a name with a control character', { name: 'A\u0007B' }, ['name']],
    ['a name with a zero byte', { name: 'A\0B' }, ['name']],
    ['a name with half a character', { name: 'A\ud800B' }, ['name']],
    ['a name that turns text around', { name: 'A\u202eB' }, ['name']],
    ['a name of two lines', { name: 'A\nB' }, ['name']],
    ['a description with a zero byte', { description: 'A\0' }, ['description']],
    ['a category in words', { category: 'Ice hockey' }, ['category']],
    ['a window that ends before it begins', { closesAt: fields.opensAt }, ['closesAt']],
    [
      'a sale two days after the start',
      { closesAt: new Date('2027-01-12T19:00:00Z') },
      ['closesAt'],
    ],
    ['no date', { startsAt: new Date('soon') }, ['startsAt']],
    ['seconds taken for milliseconds', { opensAt: new Date(1_796_000_000) }, ['opensAt']],
    ['no limit', { limitPerBuyer: 0 }, ['limitPerBuyer']],
    ['a limit above what a hold may have', { limitPerBuyer: 51 }, ['limitPerBuyer']],
    ['half a place', { limitPerBuyer: 1.5 }, ['limitPerBuyer']],
    ['a hold of no time', { holdMinutes: 0 }, ['holdMinutes']],
    ['a hold of more than an hour', { holdMinutes: 61 }, ['holdMinutes']],
    ['a currency in lower case', { currency: 'eur' }, ['currency']],
    ['a currency that nobody charges', { currency: 'XAU' }, ['currency']],
    ['a negative fee', { fees: { fixed: -1, basisPoints: 0 } }, ['fees.fixed']],
    [
      'a fee of half a cent',
      { fees: { fixed: 0.5, basisPoints: 0 } },
      ['fees.fixed', 'fees.fixed'],
    ],
    ['a fee above the price', { fees: { fixed: 0, basisPoints: 10_001 } }, ['fees.basisPoints']],
    [
      'a fee that the currency has no coin for',
      { currency: 'KWD', fees: { fixed: 5, basisPoints: 0 } },
      ['fees.fixed'],
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(faultyFields(changes)).toEqual(expected)
  })

  it('name all that is wrong at once', () => {
    expect(faultyFields({ name: '', holdMinutes: 0, currency: '' })).toEqual([
      'name',
      'holdMinutes',
      'currency',
    ])
  })
})

describe('the status of an event', () => {
  it.each([
    ['draft', '2026-12-15T00:00:00Z', 'draft'],
    ['publishing', '2026-12-15T00:00:00Z', 'draft'],
    ['published', '2026-12-01T08:59:59.999Z', 'published'],
    ['published', '2026-12-01T09:00:00Z', 'on_sale'],
    ['published', '2027-01-10T19:59:59.999Z', 'on_sale'],
    ['published', '2027-01-10T20:00:00Z', 'ended'],
    ['cancelled', '2026-12-15T00:00:00Z', 'cancelled'],
  ] as const)('%s at %s is %s', (state, instant, status) => {
    expect(statusAt({ ...event, state }, Date.parse(instant))).toBe(status)
  })
})

describe('changing an event', () => {
  it('may move the window, limit and words of a published one', () => {
    const next = { ...fields, name: 'Moved', limitPerBuyer: 2, closesAt: fields.startsAt }
    expect(refuseChange(event, next)).toBeNull()
  })

  it.each<[string, Partial<EventFields>]>([
    ['venue', { venue: 'ven_02' as VenueId }],
    ['seatMapHash', { seatMapHash: 'cd' }],
    ['currency', { currency: 'USD' }],
  ])('may not change the %s of a published one', (field, changes) => {
    const refused = refuseChange(event, { ...fields, ...changes })
    expect(refused).toMatchObject({ code: 'WRONG_STATE', details: { fields: [field] } })
    expect(refuseChange({ ...event, state: 'draft' }, { ...fields, ...changes })).toBeNull()
  })

  it('is over once it is cancelled, and waits while it is being published', () => {
    expect(refuseChange({ ...event, state: 'cancelled' }, fields)?.code).toBe('EVENT_CANCELLED')
    expect(refuseChange({ ...event, state: 'publishing' }, fields)?.code).toBe('WRONG_STATE')
  })
})
