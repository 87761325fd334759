/**
 * Events as the sale path needs them, from a small cache: one flight per event, bounded, at most
 * limits.eventCacheMs old. What decides a sale is checked again inside the sale's statement. Seat
 * maps are immutable and kept by their hash, bounded by the places they have.
 */
import { LRUCache } from 'lru-cache'
import type { Event } from '../domain/event.ts'
import type { HoldScope } from '../domain/hold-book.ts'
import type { PriceTier } from '../domain/pricing.ts'
import type { SeatMap } from '../domain/seat-map.ts'
import type { Venue } from '../domain/venue.ts'
import { present } from '../platform/assert.ts'
import type { EventId, VenueId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { RegionTable } from '../platform/regions.ts'
import { findAuthority } from '../stores/authority.ts'
import type { Database } from '../stores/database.ts'
import type { DatabaseClock } from '../stores/database-clock.ts'
import { findSale } from '../stores/event-sales.ts'
import { findEvent } from '../stores/events.ts'
import { listTiers } from '../stores/price-tiers.ts'
import { type Reader, reading } from '../stores/reading.ts'
import { findSeatMap, findSeatMapEntry } from '../stores/seat-maps.ts'
import { readingStale } from '../stores/stale-reading.ts'
import { findVenue } from '../stores/venues.ts'
import type { Authorities } from './authorities.ts'

/** All that holding, checking out and showing need to know of an event that fans may see. */
export type EventView = {
  /** Published or cancelled; never a draft. */
  readonly event: Event
  readonly venue: Venue
  readonly tiers: readonly PriceTier[]
  /** What the hold book needs: home region, epoch of its authority, seat map, limit per buyer. */
  readonly scope: HoldScope
}

/** A place takes about 100 bytes: ten of the largest maps, in some 100 megabytes. */
const cachedUnitsMax = 10 * limits.unitsPerEventMax

type Loading = { readonly view: Promise<EventView | null>; readonly freshUntilMs: number }

type MapKey = { readonly venue: VenueId; readonly hash: string }

export type EventCatalogueParts = {
  readonly db: Database
  readonly regions: RegionTable
  readonly databaseClock: DatabaseClock
  /** What is known of newer epochs than those in the cache. */
  readonly authorities: Pick<Authorities, 'epochOf'>
}

export class EventCatalogue {
  readonly #parts: EventCatalogueParts
  readonly #events = new LRUCache<EventId, Loading>({ max: limits.eventCacheEntriesMax })
  readonly #seatMaps = new LRUCache<string, SeatMap>({ maxSize: cachedUnitsMax })

  readonly #sold = new LRUCache<EventId, MapKey>({ max: limits.eventCacheEntriesMax })

  constructor(parts: EventCatalogueParts) {
    this.#parts = parts
  }

  /** The event, or null for an unknown id, a draft, or a home region that is not ours. */
  async get(id: EventId): Promise<EventView | null> {
    if (this.#parts.regions.homeOf('evt', id) === null) return null
    const cached = this.#events.get(id)
    const nowMs = this.#parts.db.clock.monotonicMs()
    if (cached !== undefined && nowMs < cached.freshUntilMs) return this.#current(cached.view)
    const view = this.#load(id)
    const loading: Loading = { view, freshUntilMs: nowMs + limits.eventCacheMs }
    this.#events.set(id, loading)
    // A failure is not kept: whoever comes next asks again.
    view.catch(() => {
      if (this.#events.peek(id) === loading) this.#events.delete(id)
    })
    return this.#current(view)
  }

  /**
   * Under the newest epoch that this server has heard of: with an older one, a call that comes just
   * after a takeover would open the book of a region that is gone.
   */
  async #current(loading: Promise<EventView | null>): Promise<EventView | null> {
    const view = await loading
    const newest = view && this.#parts.authorities.epochOf(view.scope.region)
    if (view === null || newest === null || newest <= view.scope.epoch) return view
    return { ...view, scope: { ...view.scope, epoch: newest } }
  }

  /** The next `get` reads anew: called after a change on this server. */
  invalidate(id: EventId): void {
    this.#events.delete(id)
  }

  /** Milliseconds since 1970 by the database's clock, as far as it is known here. */
  databaseNowMs(): Promise<number> {
    return this.#parts.databaseClock.nowMs()
  }

  /** A venue's seat map by its hash, or null when the venue has no such map. */
  async seatMap(venue: VenueId, hash: string): Promise<SeatMap | null> {
    const { db } = this.#parts
    const key = `${venue} ${hash}`
    const cached = this.#seatMaps.get(key)
    if (cached !== undefined) return cached
    const load = async (reader: Reader) => {
      const entry = await findSeatMapEntry(reader, { venue, hash })
      return entry && findSeatMap(reader, entry)
    }
    // A map is megabytes and never changes: where the copy has it, it has it right.
    const asked = { name: 'seat-maps.load', staleOk: 'unchanging' } as const
    const seatMap =
      (await readingStale(db, asked, load)) ?? (await reading(db, 'seat-maps.load', load))
    if (seatMap !== null) this.#seatMaps.set(key, seatMap, { size: seatMap.units })
    return seatMap
  }

  /**
   * The seat map of an event that was sold, for labels; null when there is none. Needs nothing of
   * the event's home region, which may be far or away: what is asked for does not change any more.
   */
  async soldSeatMap(id: EventId): Promise<SeatMap | null> {
    const { db, regions } = this.#parts
    if (regions.homeOf('evt', id) === null) return null
    let key = this.#sold.get(id)
    if (key === undefined) {
      const find = (reader: Reader) => findEvent(reader, id)
      const known = await readingStale(db, { name: 'events.find', staleOk: 'unchanging' }, find)
      // A draft's map may change; what was sold is none any more.
      const isKnown = known !== null && known.state !== 'draft'
      const event = isKnown ? known : await reading(db, 'events.find', find)
      if (event === null || event.state === 'draft') return null
      key = { venue: event.venue, hash: event.seatMapHash }
      this.#sold.set(id, key)
    }
    return this.seatMap(key.venue, key.hash)
  }

  async #load(id: EventId): Promise<EventView | null> {
    const { db } = this.#parts
    const event = await reading(db, 'events.find', (reader) => findEvent(reader, id))
    if (event === null || !(await this.#isPublic(event))) return null
    const [venue, tiers, seatMap, epoch] = await Promise.all([
      reading(db, 'venues.find', (reader) => findVenue(reader, event.venue)),
      reading(db, 'price-tiers.list', (reader) => listTiers(reader, id)),
      this.seatMap(event.venue, event.seatMapHash),
      this.#epochOf(event.homeRegion),
    ])
    const scope: HoldScope = {
      event: id,
      region: event.homeRegion,
      epoch,
      seatMap: present(seatMap, 'the seat map of an event'),
      limitPerBuyer: event.limitPerBuyer,
    }
    return { event, venue: present(venue, 'the venue of an event'), tiers, scope }
  }

  /** Known here without a look into the home region, which may be far; it is looked up only at first. */
  async #epochOf(home: string): Promise<number> {
    const known = this.#parts.authorities.epochOf(home)
    if (known !== null) return known
    const authority = await findAuthority(this.#parts.db, home)
    return present(authority, 'the authority of a published event').epoch
  }

  /** Fans never saw a draft, so they do not see it cancelled either: it never had a sale. */
  async #isPublic(event: Event): Promise<boolean> {
    if (event.state !== 'cancelled') return event.state === 'published'
    const key = { region: event.homeRegion, event: event.id }
    return (await findSale(this.#parts.db, key)) !== null
  }
}
