/**
 * What a ticket costs. A tier prices whole sections; of its rules the first that fits the time and
 * the number of units taken is the price. Fees come on top. Amounts are whole minor units, and no
 * price is ever read from a client.
 */
import { present } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'
import {
  nameMaxCharacters,
  rulesPerTierMax,
  tierIdMaxCharacters,
  tiersPerEventMax,
} from './catalogue-limits.ts'
import { amountStep } from './currency.ts'
import type { Event, Fees } from './event.ts'
import { badInput, type FieldFault, faultUnless, lineFaults, wholeFaults } from './field-fault.ts'
import type { HoldTerms } from './hold.ts'
import { amountMax, shareOf } from './money.ts'
import { type Refusal, refusal } from './refusal.ts'
import type { SeatMap } from './seat-map.ts'
import { countStates } from './units.ts'

export type PriceRule = {
  /** Minor units; zero is a free ticket. */
  readonly price: number
  /** Fits from this instant on; null: from ever. */
  readonly from: Date | null
  /** Fits until just before this instant; null: for ever. */
  readonly until: Date | null
  /** Fits while fewer units of the tier than this are held or sold; null: always. */
  readonly whileTakenBelow: number | null
}

export type PriceTier = {
  /** Chosen by the organiser, unique within the event: `stalls`. */
  readonly id: string
  readonly name: string
  /** Names of sections of the event's seat map; a section is in one tier. */
  readonly sections: readonly string[]
  readonly rules: readonly PriceRule[]
}

/** The instant by the database's clock, and how many units of the tier are held or sold. */
export type PriceFacts = { readonly nowMs: number; readonly taken: number }

/** The price of a unit of this tier, or null when it is not for sale then. */
export function priceAt(tier: PriceTier, { nowMs, taken }: PriceFacts): number | null {
  const fitting = tier.rules.find(
    (rule) =>
      (rule.from === null || rule.from.getTime() <= nowMs) &&
      (rule.until === null || nowMs < rule.until.getTime()) &&
      (rule.whileTakenBelow === null || taken < rule.whileTakenBelow),
  )
  return fitting?.price ?? null
}

/** Whether a price depends on how many units are taken: only then need anybody count. */
export function countsMatter(tiers: readonly PriceTier[]): boolean {
  return tiers.some((tier) => tier.rules.some((rule) => rule.whileTakenBelow !== null))
}

/** The fee on a ticket of this price. A free ticket has none. */
export function feeOn(price: number, offer: Pick<Event, 'fees' | 'currency'>): number {
  if (price === 0) return 0
  const step = amountStep(offer.currency)
  const fee = offer.fees.fixed + shareOf(price, offer.fees.basisPoints)
  return Math.ceil(fee / step) * step
}

/** How many units of the tier's sections are held or sold, by an availability bitmap. */
export function takenOf(tier: PriceTier, seatMap: SeatMap, bitmap: Uint8Array): number {
  return seatMap.sections
    .filter((section) => tier.sections.includes(section.name))
    .map((section) => countStates(bitmap, section.firstUnit, section.units))
    .reduce((sum, counts) => sum + counts.held + counts.sold, 0)
}

export type Offer = {
  readonly event: Pick<Event, 'currency' | 'fees'>
  readonly tiers: readonly PriceTier[]
  readonly seatMap: SeatMap
}

export type TermsFacts = {
  readonly nowMs: number
  /** Units held or sold of a tier; need only be true where `countsMatter`. */
  readonly takenOf: (tier: PriceTier) => number
}

export type TermsOutcome = { readonly terms: HoldTerms } | { readonly refused: Refusal }

/** What units of these sections (indices into the seat map) cost now, fees apart. */
export function termsFor(
  offer: Offer,
  sections: readonly number[],
  facts: TermsFacts,
): TermsOutcome {
  const prices = []
  for (const section of new Set(sections)) {
    const { name } = present(offer.seatMap.sections[section], `section ${section}`)
    const tier = offer.tiers.find((candidate) => candidate.sections.includes(name))
    const price = tier && priceAt(tier, { nowMs: facts.nowMs, taken: facts.takenOf(tier) })
    if (tier === undefined || price === undefined || price === null) {
      const message = `Section ${name} is not for sale at this time. Choose another.`
      return { refused: refusal('SALE_NOT_OPEN', message, { section: name }) }
    }
    prices.push({ section, tier: tier.id, price, fee: feeOn(price, offer.event) })
  }
  return { terms: { currency: offer.event.currency, prices } }
}

/** The event cannot be sold as it is: sections without a price, or prices nobody can be charged. */
export function refuseOffer(
  offer: Offer & { readonly event: Pick<Event, 'limitPerBuyer'> },
): Refusal | null {
  const priced = new Set(offer.tiers.flatMap((tier) => tier.sections))
  const missing = offer.seatMap.sections.map(({ name }) => name).filter((name) => !priced.has(name))
  if (missing.length > 0) {
    const message = `${missing.length} sections have no price tier. Give each section one.`
    return refusal('PRICES_INCOMPLETE', message, { sections: missing })
  }
  return refuseTiers(offer) ?? refuseDear(offer)
}

/** One order of all that a buyer may have must still be one charge. */
function refuseDear(
  offer: Offer & { readonly event: Pick<Event, 'limitPerBuyer'> },
): Refusal | null {
  const { limitPerBuyer } = offer.event
  const prices = offer.tiers.flatMap((tier) => tier.rules.map((rule) => rule.price))
  const dearest = Math.max(...prices.map((price) => price + feeOn(price, offer.event)))
  if (dearest * limitPerBuyer <= amountMax) return null
  const message = `must be lower: ${limitPerBuyer} of the dearest tickets exceed ${amountMax} minor units, the most that one charge takes`
  return badInput([{ field: 'limitPerBuyer', message }])
}

/** What is wrong with these tiers, or null. Drafts may leave sections without a tier. */
export function refuseTiers({ tiers, seatMap, event }: Offer): Refusal | null {
  const known = new Set(seatMap.sections.map((section) => section.name))
  const seen = { ids: new Set<string>(), sections: new Set<string>() }
  return badInput([
    ...faultUnless(tiers.length <= tiersPerEventMax, 'tiers', `at most ${tiersPerEventMax}`),
    ...tiers.flatMap((tier, index) => [
      ...tierFaults(tier, `tiers[${index}]`, event),
      ...idFaults(tier, `tiers[${index}].id`, seen.ids),
      ...sectionFaults(tier, `tiers[${index}]`, { known, seen: seen.sections }),
    ]),
  ])
}

function tierFaults(tier: PriceTier, at: string, event: Offer['event']): FieldFault[] {
  const count = tier.rules.length
  return [
    ...lineFaults(`${at}.name`, tier.name, nameMaxCharacters),
    ...faultUnless(
      count >= 1 && count <= rulesPerTierMax,
      `${at}.rules`,
      `must be 1 to ${rulesPerTierMax}`,
    ),
    ...tier.rules.flatMap((rule, index) => ruleFaults(rule, `${at}.rules[${index}]`, event)),
  ]
}

function ruleFaults(rule: PriceRule, at: string, event: Offer['event']): FieldFault[] {
  const price = wholeFaults(`${at}.price`, rule.price, { min: 0, max: amountMax })
  const { from, until, whileTakenBelow } = rule
  const known = [from, until].every((instant) => !Number.isNaN(instant?.getTime()))
  return [
    ...price,
    ...(price.length > 0 ? [] : chargeFaults(rule.price, `${at}.price`, event)),
    ...faultUnless(known, `${at}.from`, 'must be an instant'),
    ...faultUnless(!(from && until) || from < until, `${at}.until`, 'must be after from'),
    ...(whileTakenBelow === null
      ? []
      : wholeFaults(`${at}.whileTakenBelow`, whileTakenBelow, {
          min: 1,
          max: limits.unitsPerEventMax,
        })),
  ]
}

function chargeFaults(
  price: number,
  field: string,
  event: { readonly currency: string; readonly fees: Fees },
): FieldFault[] {
  const step = amountStep(event.currency)
  const total = price + feeOn(price, event)
  const multiple = `must be a multiple of ${step} minor units in ${event.currency}`
  return [
    ...faultUnless(price % step === 0, field, multiple),
    ...faultUnless(total <= amountMax, field, `must with its fee be at most ${amountMax}`),
  ]
}

function idFaults(tier: PriceTier, field: string, seen: Set<string>): FieldFault[] {
  const fits = tier.id.length <= tierIdMaxCharacters && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(tier.id)
  const twice = seen.has(tier.id)
  seen.add(tier.id)
  const form = `must be up to ${tierIdMaxCharacters} of a-z, 0-9 and hyphens within`
  return [...faultUnless(fits, field, form), ...faultUnless(!twice, field, 'is used twice')]
}

function sectionFaults(
  tier: PriceTier,
  at: string,
  names: { readonly known: ReadonlySet<string>; readonly seen: Set<string> },
): FieldFault[] {
  const faults = faultUnless(tier.sections.length > 0, `${at}.sections`, 'must name a section')
  for (const [index, name] of tier.sections.entries()) {
    const field = `${at}.sections[${index}]`
    faults.push(...faultUnless(names.known.has(name), field, 'is no section of the seat map'))
    faults.push(...faultUnless(!names.seen.has(name), field, 'has a price tier already'))
    names.seen.add(name)
  }
  return faults
}
