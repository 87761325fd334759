import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelEvent } from '../../server/application/cancel-event.ts'
import { importSeatMap } from '../../server/application/import-seat-map.ts'
import { publishEvent, publishSteps } from '../../server/application/publish-event.ts'
import { updateEvent } from '../../server/application/update-event.ts'
import type { Event } from '../../server/domain/event.ts'
import { ensureAuthority, findAuthority } from '../../server/stores/authority.ts'
import { claimsPerChunk, makeClaimsFrom } from '../../server/stores/claims-publish.ts'
import { findSale } from '../../server/stores/event-sales.ts'
import { findEvent } from '../../server/stores/events.ts'
import {
  bytesOf,
  type Catalogue,
  expectRefused,
  newDraft,
  newPricedDraft,
  newStage,
  onTheSide,
  openCatalogue,
  type Stage,
  seatMapCsv,
} from './open-catalogue.ts'

let catalogue: Catalogue
let stage: Stage
beforeAll(async () => {
  catalogue = await openCatalogue()
  stage = await newStage(catalogue)
})
afterAll(() => catalogue[Symbol.asyncDispose]())

const publish = (
  event: Pick<Event, 'id'>,
  on: Pick<Catalogue, 'db' | 'events' | 'region'> = catalogue,
) => publishEvent(on, { organisation: stage.organisation, event: event.id })

/** What must hold of a published event: one free claim a unit, a sale like the event, announced. */
async function expectPublished(event: Pick<Event, 'id'>): Promise<Event> {
  const stored = await findEvent(catalogue.db.kysely, event.id)
  if (stored === null) throw new Error('no event')
  expect(stored.state).toBe('published')
  const rows = await onTheSide(
    catalogue,
    `select count(*)::int4 as claims, count(distinct unit)::int4 as units, min(unit) as first, max(unit) as last
     from claims where region = $1 and event_id = $2::text and state = 'free' and version = 0`,
    [stored.homeRegion, stored.id],
  )
  const { units } = stored
  expect(rows).toEqual([{ claims: units, units, first: 0, last: units - 1 }])
  const sale = await findSale(catalogue.db, { region: stored.homeRegion, event: stored.id })
  const { opensAt, closesAt, limitPerBuyer } = stored
  expect(sale).toMatchObject({ state: 'published', opensAt, closesAt, limitPerBuyer })
  return stored
}

describe('the authority of a region', () => {
  it('is made once, however many servers start at once', async () => {
    const region = 'asia-southeast1'
    expect(await findAuthority(catalogue.db, region)).toBeNull()
    const made = await Promise.all(
      Array.from({ length: 8 }, () => ensureAuthority(catalogue.db, region)),
    )
    for (const each of made) expect(each).toEqual({ serverRegion: region, epoch: 1 })
  })
})

describe('publishing', () => {
  it('makes claims, the sale and the event public, and again changes nothing', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    expect(await catalogue.events.get(draft.id)).toBeNull()
    const event = await publish(draft)
    expect(await expectPublished(draft)).toEqual(event)
    expect((await catalogue.events.get(draft.id))?.event).toEqual(event)
    expect(await publish(draft)).toEqual(event)
  })

  it.each(publishSteps.map((step, index) => [step.name, index + 1] as const))(
    'goes on after a crash that followed the step %s',
    async (_, count) => {
      const draft = await newPricedDraft(catalogue, stage)
      let event = draft
      for (const step of publishSteps.slice(0, count)) event = await step(catalogue, event)
      if (count < publishSteps.length) expect(await catalogue.events.get(draft.id)).toBeNull()
      await publish(draft)
      await expectPublished(draft)
    },
  )

  it('does each step twice without harm', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    let event = draft
    for (const step of publishSteps) {
      await step(catalogue, event)
      event = await step(catalogue, event)
    }
    await expectPublished(draft)
  })

  it('goes on after a crash amid the claims, with 100,000 units in seconds', async () => {
    const { organisation, venue } = stage
    const bytes = bytesOf(seatMapCsv(99_996))
    const wish = { organisation, venue: venue.id, format: 'csv' as const, bytes, name: 'Field' }
    const map = await importSeatMap(catalogue, wish)
    const draft = await newPricedDraft(catalogue, { ...stage, map })
    const [seal] = publishSteps
    const sealed = (await seal?.(catalogue, draft)) ?? draft
    const { homeRegion: region, id, units } = sealed
    expect(await makeClaimsFrom(catalogue.db, { region, event: id, units }, 0)).toBe(claimsPerChunk)
    const startedMs = performance.now()
    await publish(draft)
    console.log(`100,000 units: published in ${Math.round(performance.now() - startedMs)} ms`)
    await expectPublished(draft)
  })

  it.each([
    ['the first ones', (unit: number) => unit >= 4],
    ['some amid them', (unit: number) => unit % 3 === 1],
    ['the last one', (unit: number) => unit < 5],
    ['all', () => false],
  ] as const)('makes only the claims that are missing: %s', async (_, isThere) => {
    const draft = await newPricedDraft(catalogue, stage)
    const { homeRegion: region, id, units } = draft
    const there = Array.from({ length: units }, (_, unit) => unit).filter(isThere)
    await onTheSide(
      catalogue,
      `insert into claims (region, event_id, unit, state, version)
       select a.region, $2::text, w.unit, 'blocked', 7 from authority a
       cross join unnest($3::int4[]) as w(unit) where a.region = $1`,
      [region, id, there],
    )
    const made = () => makeClaimsFrom(catalogue.db, { region, event: id, units }, 0)
    // Rivals find each other's rows in the way.
    expect(await Promise.all([made(), made(), made(), made()])).toEqual(Array(4).fill(units))
    const rows = await onTheSide(
      catalogue,
      'select unit, state, version::int4 as version from claims where region = $1 and event_id = $2::text order by unit',
      [region, id],
    )
    const expected = Array.from({ length: units }, (_, unit) =>
      isThere(unit) ? { unit, state: 'blocked', version: 7 } : { unit, state: 'free', version: 0 },
    )
    expect(rows).toEqual(expected)
  })

  it('by several at once, on two servers, is one publishing', async () => {
    const other = catalogue.another()
    for (let round = 0; round < 3; round += 1) {
      const draft = await newPricedDraft(catalogue, stage)
      const outcomes = await Promise.all(
        [catalogue, other, catalogue, other].map((server) => publish(draft, server)),
      )
      for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
      await expectPublished(draft)
    }
  })

  it('and a change at once end in one of the two orders', async () => {
    const map = await importSeatMap(catalogue, {
      organisation: stage.organisation,
      venue: stage.venue.id,
      format: 'csv',
      bytes: bytesOf(seatMapCsv(2)),
      name: 'Smaller',
    })
    for (let round = 0; round < 6; round += 1) {
      const draft = await newPricedDraft(catalogue, stage)
      const { organisation, id: event, version } = draft
      const changes = { seatMapHash: map.hash }
      const [, changed] = await Promise.allSettled([
        publish(draft),
        updateEvent(catalogue, { organisation, event, version, changes }),
      ])
      await publish(draft)
      const stored = await expectPublished(draft)
      const expected = changed.status === 'fulfilled' ? map.hash : stage.map.hash
      expect(stored.seatMapHash).toBe(expected)
    }
  })

  it('and cancelling at once end cancelled, with a sale that is not open', async () => {
    for (let round = 0; round < 6; round += 1) {
      const draft = await newPricedDraft(catalogue, stage)
      const key = { organisation: stage.organisation, event: draft.id }
      const [publishing] = await Promise.allSettled([publish(draft), cancelEvent(catalogue, key)])
      if (publishing.status === 'rejected') {
        expect(publishing.reason).toMatchObject({ refusal: { code: 'EVENT_CANCELLED' } })
      }
      const stored = await findEvent(catalogue.db.kysely, draft.id)
      expect(stored?.state).toBe('cancelled')
      const sale = await findSale(catalogue.db, { region: draft.homeRegion, event: draft.id })
      expect(sale?.state ?? 'cancelled').toBe('cancelled')
    }
  })

  it('needs a price for each section', async () => {
    const draft = await newDraft(catalogue, stage)
    const details = await expectRefused(catalogue, 'PRICES_INCOMPLETE', () => publish(draft))
    expect(details).toEqual({ sections: ['A', 'Floor'] })
  })

  it('needs prices that fit the seat map as it is now', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    const text = 'section,row,seat,x,y,gap_after,capacity\nA,,,,,,5\n'
    const { organisation, venue } = stage
    const bytes = bytesOf(text)
    const wish = { organisation, venue: venue.id, format: 'csv' as const, bytes, name: 'One' }
    const { hash } = await importSeatMap(catalogue, wish)
    const { version } = draft
    const changes = { seatMapHash: hash }
    await updateEvent(catalogue, { organisation, event: draft.id, version, changes })
    await expectRefused(catalogue, 'BAD_INPUT', () => publish(draft))
  })

  it('needs a window that is not over', async () => {
    const changes = { opensAt: new Date('2025-01-01'), closesAt: new Date('2025-01-02') }
    const draft = await newPricedDraft(catalogue, stage, changes)
    await expectRefused(catalogue, 'SALE_CLOSED', () => publish(draft))
  })

  it('needs a server that has begun in the home region', async () => {
    const away = await newPricedDraft(catalogue, stage, { homeRegion: 'europe-west1' })
    await expectRefused(catalogue, 'UNAVAILABLE', () => publish(away))
    await ensureAuthority(catalogue.db, 'europe-west1')
    await publish(away)
    expect((await expectPublished(away)).homeRegion).toBe('europe-west1')
  })

  it('of a cancelled event is refused', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    await cancelEvent(catalogue, { organisation: stage.organisation, event: draft.id })
    await expectRefused(catalogue, 'EVENT_CANCELLED', () => publish(draft))
  })
})
