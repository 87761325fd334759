/** Changes a venue that nobody else has changed since it was read. */
import { refuseVenue, type Venue, type VenueFields } from '../domain/venue.ts'
import { inTransaction } from '../stores/transaction.ts'
import { updateVenueRow } from '../stores/venues.ts'
import {
  type Changes,
  changed,
  editConflict,
  getOwnVenue,
  throwIfRefused,
  type VenueKey,
} from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type UpdateVenueInput = VenueKey & {
  /** The version that the caller read. */
  readonly version: number
  readonly changes: Changes<VenueFields>
}

/** @throws RefusedError BAD_INPUT | NOT_FOUND | EDIT_CONFLICT */
export function updateVenue(
  services: Pick<Services, 'db'>,
  input: UpdateVenueInput,
): Promise<Venue> {
  return inTransaction(services.db, 'venues.update', async (tx) => {
    const current = await getOwnVenue(tx, input)
    if (current.version !== input.version) return editConflict(current.version)
    const next: Venue = { ...current, ...changed<VenueFields>(current, input.changes) }
    throwIfRefused(refuseVenue(next))
    return (await updateVenueRow(tx, next)) ?? editConflict(current.version)
  })
}
