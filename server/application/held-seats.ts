/** A hold on its way to the fan: with its event, its signed token, and the prices of its own seats. */
import type { Hold } from '../domain/hold.ts'
import { sectionIndexOfUnit } from '../domain/seat-map.ts'
import type { SaleView } from './sale-view.ts'
import type { Services } from './services.ts'

export type HeldSeats = { readonly hold: Hold; readonly token: string; readonly sale: SaleView }

/** Prices of sections that were searched but not taken would make the token some kilobytes long. */
export async function heldSeats(
  services: Pick<Services, 'holdTokens'>,
  sale: SaleView,
  granted: Hold,
): Promise<HeldSeats> {
  const { seatMap } = sale.scope
  const sections = new Set(granted.units.map((unit) => sectionIndexOfUnit(seatMap, unit)))
  const prices = granted.terms.prices.filter(({ section }) => sections.has(section))
  const hold: Hold = { ...granted, terms: { ...granted.terms, prices } }
  return { hold, sale, token: await services.holdTokens.sign(hold) }
}
