import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelEvent } from '../../server/application/cancel-event.ts'
import { endSales } from '../../server/application/end-sales.ts'
import { EventCatalogue } from '../../server/application/event-catalogue.ts'
import { getEvent } from '../../server/application/get-event.ts'
import { getSeatMap } from '../../server/application/get-seat-map.ts'
import { listEvents } from '../../server/application/list-events.ts'
import { listOrganisationEvents } from '../../server/application/organisation-events.ts'
import { publishEvent } from '../../server/application/publish-event.ts'
import { setPriceTiers } from '../../server/application/set-price-tiers.ts'
import type { Event, EventFields } from '../../server/domain/event.ts'
import type { EventId } from '../../server/platform/ids.ts'
import { limits } from '../../server/platform/limits.ts'
import { openDatabase } from '../../server/stores/database.ts'
import { DatabaseClock } from '../../server/stores/database-clock.ts'
import { findSale } from '../../server/stores/event-sales.ts'
import {
  always,
  type Catalogue,
  expectRefused,
  newDraft,
  newPricedDraft,
  newStage,
  onTheSide,
  openCatalogue,
  type Stage,
  tiers,
} from './open-catalogue.ts'

let catalogue: Catalogue
let stage: Stage
beforeAll(async () => {
  catalogue = await openCatalogue()
  stage = await newStage(catalogue)
})
afterAll(() => catalogue[Symbol.asyncDispose]())

const hourMs = 3_600_000
const published = async (changes: Partial<EventFields> = {}, on = stage) => {
  const draft = await newPricedDraft(catalogue, on, changes)
  return publishEvent(catalogue, { organisation: on.organisation, event: draft.id })
}
const keyOf = (event: Event) => ({ organisation: event.organisation, event: event.id })
const saleOf = (event: Event) =>
  findSale(catalogue.db, { region: event.homeRegion, event: event.id })

describe('cancelling', () => {
  it('stops the sale and stays visible to fans, and again changes nothing', async () => {
    const event = await published()
    const cancelled = await cancelEvent(catalogue, keyOf(event))
    expect(cancelled.state).toBe('cancelled')
    expect((await saleOf(event))?.state).toBe('cancelled')
    expect(await getEvent(catalogue, { event: event.id })).toMatchObject({ status: 'cancelled' })
    expect(await cancelEvent(catalogue, keyOf(event))).toEqual(cancelled)
  })

  it('goes on after a crash that left the event published', async () => {
    const event = await published()
    await onTheSide(
      catalogue,
      `update event_sales set state = 'cancelled' where event_id = $1::text`,
      [event.id],
    )
    expect((await cancelEvent(catalogue, keyOf(event))).state).toBe('cancelled')
  })

  it('of a draft leaves nothing to see', async () => {
    const draft = await newDraft(catalogue, stage)
    await cancelEvent(catalogue, keyOf(draft))
    expect(await catalogue.events.get(draft.id)).toBeNull()
    await expectRefused(catalogue, 'NOT_FOUND', () => getEvent(catalogue, { event: draft.id }))
  })

  it('of a foreign event finds none', async () => {
    const event = await published()
    const other = await newStage(catalogue)
    const foreign = { organisation: other.organisation, event: event.id }
    await expectRefused(catalogue, 'NOT_FOUND', () => cancelEvent(catalogue, foreign))
    await expectRefused(catalogue, 'NOT_FOUND', () => endSales(catalogue, foreign))
  })
})

describe('ending sales', () => {
  it('closes the window now, in the sale and in the event, and again changes nothing', async () => {
    const event = await published()
    const ended = await endSales(catalogue, keyOf(event))
    const sale = await saleOf(event)
    expect(sale?.closesAt).toEqual(ended.closesAt)
    expect(ended.closesAt < event.closesAt).toBe(true)
    expect(await getEvent(catalogue, { event: event.id })).toMatchObject({ status: 'ended' })
    expect(await endSales(catalogue, keyOf(event))).toEqual(ended)
  })

  it('is for a sale that has opened', async () => {
    const draft = await newDraft(catalogue, stage)
    await expectRefused(catalogue, 'WRONG_STATE', () => endSales(catalogue, keyOf(draft)))
    const later = await published({ opensAt: new Date(Date.now() + hourMs) })
    await expectRefused(catalogue, 'SALE_NOT_OPEN', () => endSales(catalogue, keyOf(later)))
    await cancelEvent(catalogue, keyOf(later))
    await expectRefused(catalogue, 'EVENT_CANCELLED', () => endSales(catalogue, keyOf(later)))
  })
})

describe('an event as fans see it', () => {
  it('has its place, window, prices with fees and seat map', async () => {
    const event = await published()
    const seen = await getEvent(catalogue, { event: event.id })
    expect(seen).toMatchObject({
      event,
      venue: { city: 'Wien', timeZone: 'Europe/Vienna' },
      status: 'on_sale',
      tiers: [
        { id: 'seats', sections: ['A'], price: 5_000, fee: 225 },
        { id: 'floor', sections: ['Floor'], price: 3_000, fee: 175 },
      ],
    })
    const { hash, seatMap } = await getSeatMap(catalogue, { event: event.id })
    expect(hash).toBe(event.seatMapHash)
    expect(seatMap.units).toBe(event.units)
  })

  it('is not there as a draft, by an unknown id, or by none', async () => {
    const draft = await newDraft(catalogue, stage)
    const foreignRegion = draft.id.replace('use1', 'zzz9') as EventId
    for (const event of [draft.id, foreignRegion, 'nonsense' as EventId]) {
      await expectRefused(catalogue, 'NOT_FOUND', () => getEvent(catalogue, { event }))
      await expectRefused(catalogue, 'NOT_FOUND', () => getSeatMap(catalogue, { event }))
    }
  })

  it('shows the price that the number of units taken makes', async () => {
    const draft = await newPricedDraft(catalogue, stage)
    const early = [{ ...always(2_000), whileTakenBelow: 2 }, always(4_000)]
    const next = tiers.map((tier) => (tier.id === 'floor' ? { ...tier, rules: early } : tier))
    await setPriceTiers(catalogue, { ...keyOf(draft), version: draft.version, tiers: next })
    const event = await publishEvent(catalogue, keyOf(draft))
    const floorPrice = async () => {
      // A second server: the hold book in memory of the first has not looked since.
      const seen = await getEvent(catalogue.another(), { event: event.id })
      return seen.tiers.find(({ id }) => id === 'floor')?.price
    }
    expect(await floorPrice()).toBe(2_000)
    await onTheSide(
      catalogue,
      `update claims set state = 'sold', order_id = 'x', version = version + 1
       where region = $1 and event_id = $2::text and unit = any($3::int4[])`,
      [event.homeRegion, event.id, [4, 5]],
    )
    expect(await floorPrice()).toBe(4_000)
  })
})

describe('the list of events', () => {
  it('has published events by their start, page by page, each once', async () => {
    const start = Date.now() + 100 * 24 * hourMs
    const from = new Date(start)
    const to = new Date(start + 10 * hourMs)
    const made: Event[] = []
    for (const hours of [3, 1, 2, 1, 10]) {
      made.push(await published({ startsAt: new Date(start + hours * hourMs) }))
    }
    await newPricedDraft(catalogue, stage, { startsAt: from })
    await cancelEvent(catalogue, keyOf(await published({ startsAt: from })))
    const seen: EventId[] = []
    let cursor: string | null = null
    do {
      const page = await listEvents(catalogue, { from, to, cursor, limit: 1 })
      seen.push(...page.items.map(({ event }) => event.id))
      cursor = page.nextCursor
    } while (cursor !== null)
    const inOrder = made
      .slice(0, 4)
      .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime() || (a.id < b.id ? -1 : 1))
    expect(seen).toEqual(inOrder.map(({ id }) => id))
  })

  it('is filtered by city and category, and hides what has ended if asked', async () => {
    const category = 'filtered'
    const open = await published({ category })
    const ended = await endSales(catalogue, keyOf(await published({ category })))
    const list = async (filter: object) =>
      (await listEvents(catalogue, { limit: 100, ...filter })).items.map(({ event }) => event.id)
    expect((await list({ category })).toSorted()).toEqual([open.id, ended.id].toSorted())
    expect(await list({ category, hideEnded: true })).toEqual([open.id])
    expect(await list({ category, city: 'Wien' })).toHaveLength(2)
    expect(await list({ category, city: 'Graz' })).toEqual([])
    expect(await list({ category: `' or true --` })).toEqual([])
  })

  it('refuses cursors that are not its own', async () => {
    const faked = Buffer.from(JSON.stringify(['soon', 'x'])).toString('base64url')
    await expectRefused(catalogue, 'BAD_INPUT', () =>
      listEvents(catalogue, { limit: 1, cursor: faked }),
    )
  })

  it('of an organisation has its drafts too, and nothing of others', async () => {
    const own = await newStage(catalogue)
    const draft = await newDraft(catalogue, own)
    const event = await published({}, own)
    const { organisation } = own
    const page = await listOrganisationEvents(catalogue, { organisation, limit: 10 })
    const seen = new Map(page.items.map(({ event: { id }, status }) => [id, status]))
    expect(page.items).toHaveLength(2)
    expect(seen.get(draft.id)).toBe('draft')
    expect(seen.get(event.id)).toBe('on_sale')
  })
})

describe('the cache of events', () => {
  it('reads an event once for all who ask at once', async () => {
    const event = await published()
    const texts: string[] = []
    await using db = openDatabase({
      url: catalogue.url,
      poolMax: 4,
      clock: catalogue.db.clock,
      random: catalogue.db.random,
      onStatement: (_, text) => texts.push(text),
    })
    const databaseClock = new DatabaseClock(db)
    const events = new EventCatalogue({
      db,
      regions: catalogue.regions,
      databaseClock,
      authorities: { epochOf: () => null },
    })
    const views = await Promise.all(Array.from({ length: 50 }, () => events.get(event.id)))
    expect(views.every((view) => view === views[0])).toBe(true)
    const reads = () => texts.filter((text) => text.includes('from "events"')).length
    expect(reads()).toBe(1)
    events.invalidate(event.id)
    await events.get(event.id)
    expect(reads()).toBe(2)
    expect(texts.filter((text) => text.includes('seat_map_sections'))).toHaveLength(1)
  })

  it('is at most a moment old, and forgets failures and unknown ids by then', async () => {
    let elapsedMs = 0
    const clock = { ...catalogue.db.clock, monotonicMs: () => elapsedMs }
    await using db = openDatabase({
      url: catalogue.url,
      poolMax: 2,
      clock,
      random: catalogue.db.random,
    })
    const databaseClock = new DatabaseClock(db)
    const events = new EventCatalogue({
      db,
      regions: catalogue.regions,
      databaseClock,
      authorities: { epochOf: () => null },
    })
    const draft = await newPricedDraft(catalogue, stage)
    expect(await events.get(draft.id)).toBeNull()
    await publishEvent(catalogue, keyOf(draft))
    elapsedMs += limits.eventCacheMs - 1
    expect(await events.get(draft.id)).toBeNull()
    elapsedMs += 1
    expect((await events.get(draft.id))?.event.state).toBe('published')
    await cancelEvent(catalogue, keyOf(draft))
    expect((await events.get(draft.id))?.event.state).toBe('published')
    elapsedMs += limits.eventCacheMs
    expect((await events.get(draft.id))?.event.state).toBe('cancelled')
  })
})

describe('the epoch of an event', () => {
  it('is the newest that is known, however fresh the event is in the cache', async () => {
    const event = await published()
    let known: number | null = null
    const { db, regions } = catalogue
    const databaseClock = new DatabaseClock(db)
    const authorities = { epochOf: () => known }
    const events = new EventCatalogue({ db, regions, databaseClock, authorities })
    const epochNow = async () => (await events.get(event.id))?.scope.epoch
    const written = await epochNow()
    if (written === undefined) throw new Error('the event is on sale')
    known = written + 1
    expect(await epochNow()).toBe(written + 1)
    known = written - 1
    expect(await epochNow()).toBe(written)
  })
})

describe('the clock of the database', () => {
  it('is told, not this machine`s, and asked once for all who ask at once', async () => {
    const texts: string[] = []
    let elapsedMs = 1_000_000
    const wrong = { ...catalogue.db.clock, nowMs: () => 0, monotonicMs: () => elapsedMs }
    await using db = openDatabase({
      url: catalogue.url,
      poolMax: 4,
      clock: wrong,
      random: catalogue.db.random,
      onStatement: (_, text) => texts.push(text),
    })
    const clock = new DatabaseClock(db)
    const told = await Promise.all(Array.from({ length: 20 }, () => clock.nowMs()))
    expect(texts).toHaveLength(1)
    const { rows } = await db.pool.query<{ now: Date }>('select now() as now')
    expect(Math.abs((rows[0]?.now.getTime() ?? 0) - (told[0] ?? 0))).toBeLessThan(60_000)
    elapsedMs += 1_000
    expect((await clock.nowMs()) - (told[0] ?? 0)).toBe(1_000)
    expect(texts).toHaveLength(2)
    elapsedMs += 5_000
    await clock.nowMs()
    expect(texts).toHaveLength(3)
  })
})
