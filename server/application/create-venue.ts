/** Makes a venue of an organisation. The same key makes it once. */
import { refuse } from '../domain/refusal.ts'
import { refuseVenue, sameVenue, type Venue, type VenueFields } from '../domain/venue.ts'
import { present } from '../platform/assert.ts'
import { derivedSuffix, type OrganisationId, type VenueId } from '../platform/ids.ts'
import { findOrganisation } from '../stores/organisations.ts'
import { inTransaction } from '../stores/transaction.ts'
import { findVenue, insertVenue } from '../stores/venues.ts'
import { checkKey, keyReused, throwIfRefused } from './catalogue-ownership.ts'
import type { Services } from './services.ts'

export type CreateVenueInput = VenueFields & {
  readonly organisation: OrganisationId
  readonly key: string
}

/** @throws RefusedError BAD_INPUT | NOT_FOUND (the organisation) | KEY_REUSED */
export async function createVenue(
  services: Pick<Services, 'db'>,
  input: CreateVenueInput,
): Promise<Venue> {
  const { organisation, key, ...fields } = input
  checkKey(key)
  throwIfRefused(refuseVenue(fields))
  const id = `ven_${derivedSuffix(['venue', organisation, key])}` as VenueId
  const stored = await inTransaction(services.db, 'venues.create', async (tx) => {
    if ((await findOrganisation(tx, organisation)) === null) {
      return refuse('NOT_FOUND', 'There is no such organisation.')
    }
    await insertVenue(tx, { ...fields, id, organisation, version: 1 })
    return present(await findVenue(tx, id), 'the venue just made')
  })
  // Once it has been edited there is nothing left to compare a late repetition with.
  return stored.version > 1 || sameVenue(stored, fields) ? stored : keyReused()
}
