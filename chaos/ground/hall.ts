/**
 * A hall that a crowd sells out within minutes: standing room and numbered seats at several prices,
 * one of them cheaper for the first. Drawn from a seed, so that events differ and a run can be had
 * again.
 */

import type { PublishedShow, Section, ShowTier } from '../../bench/onsale/publish-show.ts'
import { type Chance, seededChance } from '../../bench/onsale/seeded-chance.ts'
import type { EventFacts } from '../evidence/evidence.ts'

export const hallTerms = {
  currency: 'USD',
  limitPerBuyer: 8,
  /** As short as the system allows: what fans leave behind comes back during the run. */
  holdMinutes: 1,
  fees: { fixed: 150, basisPoints: 250 },
} as const

export type Hall = {
  readonly units: number
  /** As a JSON file has it. */
  readonly seatMap: Buffer
  readonly tiers: readonly ShowTier[]
}

type Between = readonly [least: number, most: number]

type Part =
  | { readonly name: string; readonly tier: string; readonly capacity: Between }
  | {
      readonly name: string
      readonly tier: string
      readonly rows: Between
      readonly seats: Between
    }

const parts: readonly Part[] = [
  { name: 'Floor', tier: 'standing', capacity: [220, 420] },
  { name: 'Stalls left', tier: 'stalls', rows: [9, 13], seats: [14, 20] },
  { name: 'Stalls right', tier: 'stalls', rows: [9, 13], seats: [14, 20] },
  { name: 'Terrace', tier: 'standing', capacity: [60, 140] },
  { name: 'Circle', tier: 'circle', rows: [7, 11], seats: [16, 24] },
  { name: 'Box', tier: 'boxes', rows: [3, 5], seats: [4, 8] },
]

/** Multiples of 40: the fee's share of them is whole, and needs no rounding. */
const priceStep = 40
const seatPitchMetres = 0.55
const rowPitchMetres = 0.9
const partPitchMetres = 30

/** @param index another one is another hall of the same run */
export function drawHall(seed: number, index: number): Hall {
  const chance = seededChance(seed, index)
  const drawn = parts.map((part, place) => drawPart(part, { place, chance }))
  const sections = drawn.map(({ section }) => section)
  return {
    units: drawn.reduce((sum, { units }) => sum + units, 0),
    seatMap: Buffer.from(JSON.stringify({ name: `Drill hall ${seed}.${index}`, sections })),
    tiers: drawTiers(chance),
  }
}

function drawPart(part: Part, at: { readonly place: number; readonly chance: Chance }) {
  const { chance, place } = at
  const { name } = part
  if ('capacity' in part) {
    const units = between(part.capacity, chance)
    return { units, section: { name, kind: 'standing', capacity: units } }
  }
  const [rows, seats] = [between(part.rows, chance), between(part.seats, chance)]
  const row = (index: number) => ({
    name: String.fromCharCode('A'.charCodeAt(0) + index),
    seats: Array.from({ length: seats }, (_, seat) => ({
      name: `${seat + 1}`,
      x: hundredths(place * partPitchMetres + seat * seatPitchMetres),
      y: hundredths(index * rowPitchMetres),
    })),
  })
  const section = { name, kind: 'seated', rows: Array.from({ length: rows }, (_, n) => row(n)) }
  return { units: rows * seats, section }
}

function drawTiers(chance: Chance): ShowTier[] {
  const price = (range: Between) => between(range, chance) * priceStep
  const stalls = price([160, 260])
  const early = { price: stalls - 20 * priceStep, whileTakenBelow: between([20, 120], chance) }
  const tier = (id: string, rules: ShowTier['rules']): ShowTier => {
    const names = new Set(parts.filter((part) => part.tier === id).map(({ name }) => name))
    return { id, name: id, rules, takes: ({ name }: Section) => names.has(name) }
  }
  return [
    tier('standing', [{ price: price([80, 150]) }]),
    tier('stalls', [early, { price: stalls }]),
    tier('circle', [{ price: price([100, 180]) }]),
    tier('boxes', [{ price: price([300, 500]) }]),
  ]
}

/** What is known of the event once it is on sale. */
export function factsOf(hall: Hall, { id, homeRegion, seatMap }: PublishedShow): EventFacts {
  const { currency, limitPerBuyer } = hallTerms
  const prices = seatMap.sections.map((section) => {
    const rules = hall.tiers.find((tier) => tier.takes(section))?.rules ?? []
    const amounts = rules.map(({ price }) => price + feeOn(price)).sort((a, b) => a - b)
    return { firstUnit: section.firstUnit, units: section.units, amounts }
  })
  return { id, home: homeRegion, units: seatMap.units, limitPerBuyer, currency, prices }
}

function feeOn(price: number): number {
  return hallTerms.fees.fixed + (price * hallTerms.fees.basisPoints) / 10_000
}

/** Both ends included. */
function between([least, most]: Between, chance: Chance): number {
  return least + chance.below(most - least + 1)
}

function hundredths(metres: number): number {
  return Math.round(metres * 100) / 100
}
