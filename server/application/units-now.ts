/** All units of an event as they are now, as far as this server can know it. */
import type { HoldScope } from '../domain/hold-book.ts'
import type { UnitsSeen } from './availability-elsewhere.ts'
import type { Services } from './services.ts'

export type UnitsNeeds = Pick<Services, 'holdBook' | 'clock' | 'authorities' | 'following'>

/**
 * From the hold book where this server's region sells, else from what it knows of the other's: a
 * book that was opened here would be nobody's.
 */
export async function unitsNow(
  { holdBook, clock, authorities, following }: UnitsNeeds,
  scope: HoldScope,
): Promise<UnitsSeen> {
  if (following !== null && authorities.standing(scope.region).kind !== 'ours') {
    return following.elsewhere.units(scope)
  }
  const asOfMs = clock.nowMs()
  const { bitmap } = await holdBook.availability(scope)
  return { bitmap, asOfMs }
}
