import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrganisation } from '../../server/application/create-organisation.ts'
import { createVenue } from '../../server/application/create-venue.ts'
import { listOrganisations } from '../../server/application/list-organisations.ts'
import { listVenues } from '../../server/application/list-venues.ts'
import { updateVenue } from '../../server/application/update-venue.ts'
import type { OrganisationId, VenueId } from '../../server/platform/ids.ts'
import {
  admin,
  type Catalogue,
  expectRefused,
  newKey,
  newOrganisation,
  newStage,
  openCatalogue,
  venueFields,
} from './open-catalogue.ts'

let catalogue: Catalogue
beforeAll(async () => {
  catalogue = await openCatalogue()
})
afterAll(() => catalogue[Symbol.asyncDispose]())

describe('an organisation', () => {
  it('is made once by a key, however often and at once it is asked for', async () => {
    const wish = { key: newKey(), name: 'Opera' }
    const made = await Promise.all(
      Array.from({ length: 5 }, () => createOrganisation(catalogue, admin, wish)),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    await expectRefused(catalogue, 'KEY_REUSED', () =>
      createOrganisation(catalogue, admin, { ...wish, name: 'Ballet' }),
    )
    const other = await createOrganisation(catalogue, { ...admin, id: 'other' }, wish)
    expect(other.id).not.toBe(made[0]?.id)
  })

  it('needs a name and a key of a bearable length', async () => {
    const nameless = () => createOrganisation(catalogue, admin, { key: newKey(), name: ' ' })
    await expectRefused(catalogue, 'BAD_INPUT', nameless)
    for (const key of ['', 'k'.repeat(256)]) {
      await expectRefused(catalogue, 'BAD_INPUT', () =>
        createOrganisation(catalogue, admin, { key, name: 'Opera' }),
      )
    }
  })

  it('is listed with all others, page by page', async () => {
    await newOrganisation(catalogue)
    await newOrganisation(catalogue)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await listOrganisations(catalogue, { cursor, limit: 2 })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(seen.toSorted())
    expect(seen.length).toBeGreaterThanOrEqual(4)
  })
})

describe('a venue', () => {
  it('is made once by a key', async () => {
    const organisation = await newOrganisation(catalogue)
    const wish = { ...venueFields, organisation, key: newKey() }
    const [one, two] = await Promise.all([
      createVenue(catalogue, wish),
      createVenue(catalogue, wish),
    ])
    expect(two).toEqual(one)
    expect(one).toMatchObject({ ...venueFields, organisation, version: 1 })
    await expectRefused(catalogue, 'KEY_REUSED', () =>
      createVenue(catalogue, { ...wish, city: 'Graz' }),
    )
  })

  it('is answered to a late repetition after it was changed', async () => {
    const organisation = await newOrganisation(catalogue)
    const wish = { ...venueFields, organisation, key: newKey() }
    const made = await createVenue(catalogue, wish)
    const changes = { name: 'Renamed' }
    await updateVenue(catalogue, { organisation, venue: made.id, version: 1, changes })
    expect(await createVenue(catalogue, wish)).toMatchObject({ id: made.id, name: 'Renamed' })
  })

  it('belongs to an organisation that there is', async () => {
    const organisation = 'org_00000000000000000000000000' as OrganisationId
    await expectRefused(catalogue, 'NOT_FOUND', () =>
      createVenue(catalogue, { ...venueFields, organisation, key: newKey() }),
    )
  })

  it('refuses faulty fields by name, when made and when changed', async () => {
    const { organisation, venue } = await newStage(catalogue)
    const wrong = { timeZone: 'Mars/Olympus', latitude: 91 }
    const fields = [{ field: 'timeZone' }, { field: 'latitude' }]
    const made = await expectRefused(catalogue, 'BAD_INPUT', () =>
      createVenue(catalogue, { ...venueFields, ...wrong, organisation, key: newKey() }),
    )
    expect(made['faults']).toMatchObject(fields)
    const changed = await expectRefused(catalogue, 'BAD_INPUT', () =>
      updateVenue(catalogue, { organisation, venue: venue.id, version: 1, changes: wrong }),
    )
    expect(changed['faults']).toMatchObject(fields)
  })

  it('changes only what is named, for one of two who change it at once', async () => {
    const { organisation, venue } = await newStage(catalogue)
    const rename = (name: string) =>
      updateVenue(catalogue, { organisation, venue: venue.id, version: 1, changes: { name } })
    const outcomes = await Promise.allSettled([rename('One'), rename('Two')])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const lost = outcomes.find(({ status }) => status === 'rejected')
    expect(lost).toMatchObject({ reason: { refusal: { code: 'EDIT_CONFLICT' } } })
    const details = await expectRefused(catalogue, 'EDIT_CONFLICT', () => rename('Three'))
    expect(details).toEqual({ version: 2 })
    const [now] = (await listVenues(catalogue, { organisation, limit: 5 })).items
    expect(now).toEqual({ ...venue, name: now?.name, version: 2 })
  })

  it('of another organisation looks as if it did not exist', async () => {
    const { venue } = await newStage(catalogue)
    const organisation = await newOrganisation(catalogue)
    const update = (id: VenueId) => () =>
      updateVenue(catalogue, { organisation, venue: id, version: 1, changes: { name: 'Mine' } })
    const missing = 'ven_00000000000000000000000000' as VenueId
    const foreign = await expectRefused(catalogue, 'NOT_FOUND', update(venue.id))
    expect(await expectRefused(catalogue, 'NOT_FOUND', update(missing))).toEqual(foreign)
    expect((await listVenues(catalogue, { organisation, limit: 5 })).items).toEqual([])
  })
})

describe('a page', () => {
  it('is bounded, and its cursor is ours', async () => {
    const organisation = await newOrganisation(catalogue)
    for (const limit of [0, 101, 1.5, Number.NaN]) {
      await expectRefused(catalogue, 'BAD_INPUT', () =>
        listVenues(catalogue, { organisation, limit }),
      )
    }
    const faked = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const cursor of ['', '!', faked(['a', 'b']), faked([1]), faked(['\0']), 'x'.repeat(500)]) {
      await expectRefused(catalogue, 'BAD_INPUT', () =>
        listVenues(catalogue, { organisation, limit: 1, cursor }),
      )
    }
  })
})
