/** What a venue, an event or its prices may be at most. Each limit bounds a row or an answer. */
import { assert } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'

/** In characters (code points): names have to fit on a ticket and in a list. */
export const nameMaxCharacters = 200
export const cityMaxCharacters = 100
export const addressMaxCharacters = 300
export const categoryMaxCharacters = 40
export const descriptionMaxCharacters = 10_000

/** Doors sell late at most so long after the event has begun. */
export const lateSaleMaxMs = 24 * 60 * 60_000

/** Instants outside are seconds taken for milliseconds, or a slip of the keyboard. */
export const instantMinMs = Date.UTC(2000, 0, 1)
export const instantMaxMs = Date.UTC(2100, 0, 1)

/** One person may have as many places of an event as one hold may ask for. */
export const limitPerBuyerMax = limits.unitsPerHoldMax

export const tiersPerEventMax = 100
export const rulesPerTierMax = 20
export const tierIdMaxCharacters = 40

/** Fees in hundredths of a percent: more than the price itself is a slip. */
export const feeBasisPointsMax = 10_000

assert(limitPerBuyerMax <= limits.unitsPerEventMax, 'a buyer cannot have more than there is')
