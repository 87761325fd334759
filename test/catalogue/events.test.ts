import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEvent } from '../../server/application/create-event.ts'
import { createVenue } from '../../server/application/create-venue.ts'
import { importSeatMap } from '../../server/application/import-seat-map.ts'
import { getOrganisationEvent } from '../../server/application/organisation-events.ts'
import { publishEvent } from '../../server/application/publish-event.ts'
import { setPriceTiers } from '../../server/application/set-price-tiers.ts'
import { updateEvent } from '../../server/application/update-event.ts'
import type { Event, EventFields } from '../../server/domain/event.ts'
import type { EventId } from '../../server/platform/ids.ts'
import { findSale } from '../../server/stores/event-sales.ts'
import { findEvent, moveEvent } from '../../server/stores/events.ts'
import { inTransaction } from '../../server/stores/transaction.ts'
import { eventually } from '../support/eventually.ts'
import {
  always,
  bytesOf,
  type Catalogue,
  eventFields,
  expectRefused,
  newDraft,
  newKey,
  newPricedDraft,
  newStage,
  onTheSide,
  openCatalogue,
  type Stage,
  seatMapCsv,
  tiers,
  venueFields,
} from './open-catalogue.ts'

let catalogue: Catalogue
let stage: Stage
beforeAll(async () => {
  catalogue = await openCatalogue()
  stage = await newStage(catalogue)
})
afterAll(() => catalogue[Symbol.asyncDispose]())

const update = (event: Event, changes: Partial<EventFields>) =>
  updateEvent(catalogue, {
    organisation: event.organisation,
    event: event.id,
    version: event.version,
    changes,
  })
const published = async (changes: Partial<EventFields> = {}) => {
  const draft = await newPricedDraft(catalogue, stage, changes)
  return publishEvent(catalogue, { organisation: stage.organisation, event: draft.id })
}
const saleOf = (event: Event) =>
  findSale(catalogue.db, { region: event.homeRegion, event: event.id })

/** Another map of the same venue. */
const otherMap = (standing: number) =>
  importSeatMap(catalogue, {
    organisation: stage.organisation,
    venue: stage.venue.id,
    format: 'csv',
    bytes: bytesOf(seatMapCsv(standing)),
    name: 'Hall',
  })

describe('a draft', () => {
  it('is made once by a key and carries its home region in its id', async () => {
    const wish = {
      ...eventFields(),
      organisation: stage.organisation,
      key: newKey(),
      venue: stage.venue.id,
      seatMapHash: stage.map.hash,
      homeRegion: 'europe-west1',
    }
    const made = await Promise.all([1, 2, 3].map(() => createEvent(catalogue, wish)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(made[0]).toMatchObject({
      state: 'draft',
      units: 10,
      version: 1,
      homeRegion: 'europe-west1',
    })
    expect(made[0]?.id).toMatch(/^evt_euw1_/)
    await expectRefused(catalogue, 'KEY_REUSED', () =>
      createEvent(catalogue, { ...wish, name: 'Another' }),
    )
    await expectRefused(catalogue, 'KEY_REUSED', () =>
      createEvent(catalogue, { ...wish, homeRegion: 'us-east1' }),
    )
  })

  it('is not made on a foreign venue, an unknown map, or in a region that there is not', async () => {
    const other = await newStage(catalogue)
    const make = (changes: object) => () =>
      createEvent(catalogue, {
        ...eventFields(),
        organisation: stage.organisation,
        key: newKey(),
        venue: stage.venue.id,
        seatMapHash: stage.map.hash,
        ...changes,
      })
    await expectRefused(catalogue, 'NOT_FOUND', make({ venue: other.venue.id }))
    await expectRefused(catalogue, 'NOT_FOUND', make({ seatMapHash: 'ab'.repeat(32) }))
    await expectRefused(catalogue, 'BAD_INPUT', make({ homeRegion: 'mars-north1' }))
    const details = await expectRefused(catalogue, 'BAD_INPUT', make({ name: '', holdMinutes: 0 }))
    expect(details['faults']).toMatchObject([{ field: 'name' }, { field: 'holdMinutes' }])
  })

  it('may change its seat map, and has as many units as that', async () => {
    const draft = await newDraft(catalogue, stage)
    const map = await otherMap(20)
    const changed = await update(draft, { seatMapHash: map.hash })
    expect(changed).toMatchObject({ seatMapHash: map.hash, units: 24, version: 2 })
    await expectRefused(catalogue, 'NOT_FOUND', () => update(changed, { seatMapHash: 'x' }))
  })

  it('may move to another venue of the organisation with a map of that', async () => {
    const draft = await newDraft(catalogue, stage)
    const { organisation } = stage
    const venue = await createVenue(catalogue, { ...venueFields, organisation, key: newKey() })
    await expectRefused(catalogue, 'NOT_FOUND', () => update(draft, { venue: venue.id }))
    const bytes = bytesOf(seatMapCsv(3))
    const wish = { organisation, venue: venue.id, format: 'csv' as const, bytes, name: 'Cellar' }
    const { hash } = await importSeatMap(catalogue, wish)
    const moved = await update(draft, { venue: venue.id, seatMapHash: hash })
    expect(moved).toMatchObject({ venue: venue.id, units: 7 })
    const foreign = await newStage(catalogue)
    await expectRefused(catalogue, 'NOT_FOUND', () => update(moved, { venue: foreign.venue.id }))
  })

  it('refuses faulty fields and takes nothing of them', async () => {
    const draft = await newDraft(catalogue, stage)
    const changes = { name: 'Good', opensAt: draft.closesAt }
    const details = await expectRefused(catalogue, 'BAD_INPUT', () => update(draft, changes))
    expect(details['faults']).toMatchObject([{ field: 'closesAt' }])
  })

  it('is changed by one of two who change it at once', async () => {
    const draft = await newDraft(catalogue, stage)
    const outcomes = await Promise.allSettled(
      ['One', 'Two', 'Three'].map((name) => update(draft, { name })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const lost = outcomes.filter(({ status }) => status === 'rejected')
    for (const outcome of lost) {
      expect(outcome).toMatchObject({ reason: { refusal: { code: 'EDIT_CONFLICT' } } })
    }
    await expectRefused(catalogue, 'EDIT_CONFLICT', () => update(draft, { name: 'Late' }))
  })
})

describe('prices', () => {
  const set = (event: Event, next = tiers) =>
    setPriceTiers(catalogue, {
      organisation: event.organisation,
      event: event.id,
      version: event.version,
      tiers: next,
    })

  it('are kept as they were given, in their order', async () => {
    const draft = await newDraft(catalogue, stage)
    const until = new Date('2027-01-01T00:00:00Z')
    const given = [
      {
        id: 'zebra',
        name: 'First',
        sections: ['Floor'],
        rules: [{ ...always(1), until, whileTakenBelow: 5 }, always(2)],
      },
      { id: 'ant', name: 'Second', sections: ['A'], rules: [always(3)] },
    ]
    const { event } = await set(draft, given)
    const stored = await getOrganisationEvent(catalogue, {
      organisation: stage.organisation,
      event: draft.id,
    })
    expect(stored.tiers).toEqual(given)
    expect(stored.event).toEqual(event)
    const replaced = await set(event, tiers.slice(0, 1))
    expect(replaced.tiers).toHaveLength(1)
  })

  it('are refused when faulty, out of date or of a cancelled event', async () => {
    const draft = await newDraft(catalogue, stage)
    const wrong = [{ id: 'a', name: 'A', sections: ['Balcony'], rules: [always(1)] }]
    const details = await expectRefused(catalogue, 'BAD_INPUT', () => set(draft, wrong))
    expect(details['faults']).toMatchObject([{ field: 'tiers[0].sections[0]' }])
    await set(draft)
    await expectRefused(catalogue, 'EDIT_CONFLICT', () => set(draft))
  })

  it('are set by one of two who set them at once, never mixed', async () => {
    const draft = await newDraft(catalogue, stage)
    const priced = (price: number) => [
      { id: 'all', name: 'All', sections: ['A', 'Floor'], rules: [always(price)] },
    ]
    const outcomes = await Promise.allSettled([1, 2, 3].map((price) => set(draft, priced(price))))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const key = { organisation: stage.organisation, event: draft.id }
    expect((await getOrganisationEvent(catalogue, key)).tiers).toHaveLength(1)
  })

  it('of a published event stay complete', async () => {
    const event = await published()
    const details = await expectRefused(catalogue, 'PRICES_INCOMPLETE', () =>
      set(event, tiers.slice(0, 1)),
    )
    expect(details).toEqual({ sections: ['Floor'] })
    const dearer = tiers.map((tier) => ({ ...tier, rules: [always(9_900)] }))
    expect((await set(event, dearer)).tiers).toEqual(dearer)
  })
})

describe('a published event', () => {
  it('keeps its seat map, venue and currency', async () => {
    const event = await published()
    const map = await otherMap(30)
    for (const changes of [{ seatMapHash: map.hash }, { currency: 'USD' }]) {
      const details = await expectRefused(catalogue, 'WRONG_STATE', () => update(event, changes))
      expect(details['fields']).toEqual(Object.keys(changes))
    }
  })

  it('changes words, window and limit, and its sale follows', async () => {
    const event = await published()
    const closesAt = new Date(event.closesAt.getTime() + 3_600_000)
    const wide = await update(event, { name: 'New name', closesAt, limitPerBuyer: 20 })
    expect(await saleOf(event)).toMatchObject({ closesAt, limitPerBuyer: 20, state: 'published' })
    const narrow = await update(wide, { limitPerBuyer: 1, opensAt: new Date(Date.now() + 60_000) })
    expect(await saleOf(event)).toMatchObject({ opensAt: narrow.opensAt, limitPerBuyer: 1 })
    expect((await catalogue.events.get(event.id))?.event).toEqual(narrow)
  })

  it('narrows its sale before the change is seen anywhere else', async () => {
    const event = await published({ limitPerBuyer: 8 })
    const other = new Client({ connectionString: catalogue.url })
    await other.connect()
    try {
      // Whoever would write the event waits here; whoever reads it does not.
      await other.query('begin')
      await other.query('select id from events where id = $1::text for update', [event.id])
      const changing = update(event, { limitPerBuyer: 2 })
      const narrowed = async () => (await saleOf(event))?.limitPerBuyer === 2
      await eventually(narrowed, { what: 'the sale is narrowed' })
      expect((await findEvent(catalogue.db.kysely, event.id))?.limitPerBuyer).toBe(8)
      await other.query('rollback')
      expect(await changing).toMatchObject({ limitPerBuyer: 2 })
    } finally {
      await other.end()
    }
  })

  it('does not take a limit that no charge could take', async () => {
    const event = await published()
    const dear = tiers.map((tier) => ({ ...tier, rules: [always(20_000_000)] }))
    const { organisation, version } = event
    const wish = { organisation, event: event.id, version, tiers: dear }
    await expectRefused(catalogue, 'BAD_INPUT', () => setPriceTiers(catalogue, wish))
    const four = await update(event, { limitPerBuyer: 4 })
    const priced = await setPriceTiers(catalogue, { ...wish, version: four.version })
    await expectRefused(catalogue, 'BAD_INPUT', () => update(priced.event, { limitPerBuyer: 40 }))
  })

  it('and its sale agree after many changed it at once', async () => {
    let event = await published()
    for (let round = 0; round < 5; round += 1) {
      const limits = [1, 2, 3, 4].map((limit) => limit + 4 * round)
      const current = event
      const outcomes = await Promise.allSettled(
        limits.map((limitPerBuyer) => update(current, { limitPerBuyer })),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      event = (await findEvent(catalogue.db.kysely, event.id)) ?? event
      expect(await saleOf(event)).toMatchObject({
        limitPerBuyer: event.limitPerBuyer,
        version: event.version,
      })
    }
  })

  it('is brought in line by a repeated change after a crash left its sale too narrow', async () => {
    const event = await published()
    await onTheSide(
      catalogue,
      'update event_sales set limit_per_buyer = 1 where event_id = $1::text',
      [event.id],
    )
    const stale = { ...event, version: event.version - 1 }
    await expect(update(stale, { limitPerBuyer: 2 })).rejects.toMatchObject({
      refusal: { code: 'EDIT_CONFLICT' },
    })
    expect(await saleOf(event)).toMatchObject({ limitPerBuyer: event.limitPerBuyer })
  })
})

describe('an event that is being published', () => {
  it('takes no change', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    const sealed = await inTransaction(catalogue.db, 'test', (tx) =>
      moveEvent(tx, draft, 'publishing'),
    )
    const event = sealed ?? draft
    await expectRefused(catalogue, 'WRONG_STATE', () => update(event, { name: 'New' }))
    await expectRefused(catalogue, 'WRONG_STATE', () =>
      setPriceTiers(catalogue, {
        organisation: event.organisation,
        event: event.id,
        version: event.version,
        tiers,
      }),
    )
    const key = { organisation: stage.organisation, event: event.id }
    expect(await getOrganisationEvent(catalogue, key)).toMatchObject({ status: 'draft' })
  })
})

describe('an event of another organisation', () => {
  it('looks as if it did not exist', async () => {
    const event = await published()
    const other = await newStage(catalogue)
    const missing = `evt_use1_${'0'.repeat(26)}` as EventId
    for (const id of [event.id, missing, 'nonsense' as EventId]) {
      const key = { organisation: other.organisation, event: id }
      const change = { ...key, version: event.version }
      const acts = [
        () => updateEvent(catalogue, { ...change, changes: { name: 'Mine' } }),
        () => setPriceTiers(catalogue, { ...change, tiers }),
        () => publishEvent(catalogue, key),
        () => getOrganisationEvent(catalogue, key),
      ]
      for (const act of acts) await expectRefused(catalogue, 'NOT_FOUND', act)
    }
  })
})
