/**
 * From a draft to an event that can be sold, in steps: sealed against edits, claims made in its
 * home region, the sale's row written, announced. GLOBAL and regional rows never change in one
 * transaction, so each step is safe to repeat, and a crash between two is repaired by publishing
 * again. Fans see nothing before the last step.
 */
import type { Event } from '../domain/event.ts'
import { refuseOffer } from '../domain/pricing.ts'
import { refuse } from '../domain/refusal.ts'
import { assert, present } from '../platform/assert.ts'
import { ensureAuthority, findAuthority } from '../stores/authority.ts'
import { claimsAreComplete, makeClaimsFrom } from '../stores/claims-publish.ts'
import { openSale } from '../stores/event-sales.ts'
import { moveEvent } from '../stores/events.ts'
import { listTiers } from '../stores/price-tiers.ts'
import { reading } from '../stores/reading.ts'
import { inTransaction } from '../stores/transaction.ts'
import { type EventKey, readOwnEvent, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db' | 'events' | 'region'>

/** One step of publishing: the event as it is when the step is done, by whomever. */
type PublishStep = (services: Needs, event: Event) => Promise<Event>

/** In their order; exported so that a test can stop after each. */
export const publishSteps: readonly PublishStep[] = [seal, makeClaims, openTheSale, announce]

/** @throws RefusedError NOT_FOUND | PRICES_INCOMPLETE | BAD_INPUT | SALE_CLOSED | EVENT_CANCELLED */
export async function publishEvent(services: Needs, input: EventKey): Promise<Event> {
  let event = await readOwnEvent(services.db, input)
  for (const step of publishSteps) {
    if (event.state === 'published') break
    if (event.state === 'cancelled') return refuse('EVENT_CANCELLED', 'The event is cancelled.')
    event = await step(services, event)
  }
  services.events.invalidate(event.id)
  return event
}

/** From here on prices, window, limit and seat map stay as they were judged. */
async function seal(services: Needs, event: Event): Promise<Event> {
  if (event.state !== 'draft') return event
  const { db, events } = services
  const tiers = await reading(db, 'price-tiers.list', (reader) => listTiers(reader, event.id))
  const seatMap = present(await events.seatMap(event.venue, event.seatMapHash), 'its seat map')
  throwIfRefused(refuseOffer({ event, tiers, seatMap }))
  if (event.closesAt.getTime() <= (await events.databaseNowMs())) {
    return refuse('SALE_CLOSED', 'The window of the sale is over already. Set a later closesAt.')
  }
  await requireAuthority(services, event.homeRegion)
  const sealed = await move(services, event, 'publishing')
  if (sealed.state !== 'draft') return sealed
  return refuse('EDIT_CONFLICT', 'The event was changed meanwhile. Look at it, then publish again.')
}

async function makeClaims({ db }: Needs, event: Event): Promise<Event> {
  const claims = { region: event.homeRegion, event: event.id, units: event.units }
  for (let next = 0; next < event.units; ) next = await makeClaimsFrom(db, claims, next)
  assert(await claimsAreComplete(db, claims), 'each unit of a published event has one claim')
  return event
}

async function openTheSale({ db }: Needs, event: Event): Promise<Event> {
  await openSale(db, { region: event.homeRegion, event: event.id })
  return event
}

function announce(services: Needs, event: Event): Promise<Event> {
  return move(services, event, 'published')
}

/** Moves the event, or answers what a rival has made of it. */
async function move(
  { db }: Needs,
  event: Event,
  state: 'publishing' | 'published',
): Promise<Event> {
  const moved = await inTransaction(db, `events.${state}`, (tx) => moveEvent(tx, event, state))
  return moved ?? readOwnEvent(db, { organisation: event.organisation, event: event.id })
}

/** Claims take their region from the authority's row: there must be one. */
async function requireAuthority({ db, region }: Needs, homeRegion: string): Promise<void> {
  if (homeRegion === region) await ensureAuthority(db, region)
  else if ((await findAuthority(db, homeRegion)) === null) {
    refuse('UNAVAILABLE', `No server of ${homeRegion} has started yet. Start one, publish again.`)
  }
}
